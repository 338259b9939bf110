// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.succession;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

class TcpKnockerTest {

    private static final byte[] LOOPBACK_OF_VERSION_SIX = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

    private final TcpKnocker knocker = new TcpKnocker(Runnable::run, Duration.ofSeconds(10));

    @Test
    void shouldTellAPortWhereSomebodyListensFromOneWhereNobodyDoes() throws IOException {
        String address;
        try (ServerSocket open = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            address = "127.0.0.1:" + open.getLocalPort();
            assertThat(knocker.knock(address)).isCompletedWithValue(Knock.ANSWERED);
        }

        assertThat(knocker.knock(address)).isCompletedWithValue(Knock.REFUSED);
    }

    @Test
    void shouldTakeWhatItCannotFindForSilent() {
        assertThat(knocker.knock("no-such-host.invalid:7402")).isCompletedWithValue(Knock.SILENT);
    }

    @Test
    void shouldUnderstandAnAddressOfTheSixthVersion() throws IOException {
        try (ServerSocket open = new ServerSocket(0, 1, InetAddress.getByAddress(LOOPBACK_OF_VERSION_SIX))) {
            assertThat(knocker.knock("[::1]:" + open.getLocalPort())).isCompletedWithValue(Knock.ANSWERED);
        } catch (BindException e) {
            throw new TestAbortedException("this machine has no IPv6", e);
        }
    }

    @Test
    void shouldFindNothingOnceTheNodeStops() {
        TcpKnocker stopping = new TcpKnocker(
                task -> {
                    throw new RejectedExecutionException();
                },
                Duration.ofSeconds(10));

        assertThat(stopping.knock("127.0.0.1:1")).isCompletedWithValue(Knock.SILENT);
    }
}
