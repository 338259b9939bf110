// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

final class LoopbackPortsTest {

    @Test
    void shouldGiveEachPortOnce() {
        assertThat(LoopbackPorts.next()).isNotEqualTo(LoopbackPorts.next());
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "others have one loopback address")
    void shouldTakeForTakenWhatSomebodyListensOnAtAnotherAddress() throws IOException {
        int port = LoopbackPorts.next();
        assertThat(LoopbackPorts.isFree(port)).isTrue();
        try (ServerSocket other = new ServerSocket(port, 1, InetAddress.getByName("127.0.1.1"))) {
            assertThat(other.isBound()).isTrue();
            assertThat(LoopbackPorts.isFree(port)).isFalse();
        }
    }
}
