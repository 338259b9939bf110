// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.Membership;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OwnPortsTest {

    private static final OwnPorts PORTS = new OwnPorts(7400, 7401);

    @Test
    void shouldShowThePortsThatTheNodeGot() {
        Membership alone = new Membership(-1, Set.of(new Member("n1", "h:0", "h:0", "h:0")), Set.of());

        assertThat(PORTS.shownIn(alone, "n1").voters()).containsExactly(new Member("n1", "h:0", "h:7401", "h:7400"));
    }

    @Test
    void shouldLeaveAloneWhatWasSaid() {
        Member said = new Member("n1", "h:0", "h:1", "h:2");
        Member other = new Member("n2", "h:0", "h:0", "h:0");

        assertThat(PORTS.shownIn(new Membership(5, Set.of(said, other), Set.of(said)), "n1"))
                .isEqualTo(new Membership(5, Set.of(said, other), Set.of(said)));
    }
}
