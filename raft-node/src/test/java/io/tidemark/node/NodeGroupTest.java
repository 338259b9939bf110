// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NodeGroupTest {

    /** The round of an earlier term may end after that of the present one. */
    @Test
    void shouldNotGoBackToAnEarlierTermWhoseComparisonEndsLate() {
        NodeGroup group = new NodeGroup("n1");
        group.clockCompared(5);
        group.clockCompared(3);
        assertThat(group.isComparedIn(5)).isTrue();
    }
}
