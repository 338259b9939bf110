// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.server.time.ManualTime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LostServersTest {

    private static final List<String> ALL = List.of("a:1", "b:1", "c:1");

    private final ManualTime time = new ManualTime();
    private final LostServers servers = new LostServers(time);

    @Test
    void shouldAskThemLastForAWhile() {
        servers.lost("a:1");

        assertThat(servers.last(ALL)).containsExactly("b:1", "c:1", "a:1");

        time.pass(LostServers.LAST_FOR.plus(Duration.ofSeconds(1)));

        assertThat(servers.last(ALL)).isEqualTo(ALL);
    }

    @Test
    void shouldAskThemAsBeforeOnceOneAnswers() {
        servers.lost("a:1");
        servers.lost("b:1");
        servers.answered("a:1");

        assertThat(servers.last(ALL)).containsExactly("a:1", "c:1", "b:1");
    }

    @Test
    void shouldAskOneThatIsLostIfThereIsNoOther() {
        servers.lost("a:1");

        assertThat(servers.last(List.of("a:1"))).containsExactly("a:1");
    }
}
