// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FollowerProgressTest {

    @Test
    void shouldPutTheLogFirstThenWhatIsKnownToBeCommittedThenTheLowestId() {
        FollowerProgress longestLog = new FollowerProgress(9, 0, "n4");
        FollowerProgress knowsMost = new FollowerProgress(8, 8, "n3");
        FollowerProgress lowestId = new FollowerProgress(8, 7, "n1");
        FollowerProgress last = new FollowerProgress(8, 7, "n2");

        List<FollowerProgress> furthestLast =
                Stream.of(knowsMost, last, longestLog, lowestId).sorted().toList();

        assertThat(furthestLast).containsExactly(last, lowestId, knowsMost, longestLog);
    }
}
