// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.retry.MultipleLinearRandomRetry;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsensusPropertiesTest {

    private static final Member SELF = new Member("n1", "127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3");

    /** A suspended machine comes back, and goes on where the group is by then. */
    @Test
    void shouldOutliveALongPause() {
        RaftProperties properties = ConsensusProperties.of(ConsensusOptions.of(Path.of("unused"), "c", SELF));

        assertThat(RaftServerConfigKeys.closeThreshold(properties).toLong(TimeUnit.DAYS))
                .isGreaterThan(30);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 11, 30, 31, 1_000, 1_031, 10_000_000})
    void shouldSpeakToAReturningFollowerBeforeItCampaigns(int errors) {
        ConsensusOptions options = ConsensusOptions.of(Path.of("unused"), "c", SELF);
        RaftProperties properties = ConsensusProperties.of(options);
        MultipleLinearRandomRetry policy = MultipleLinearRandomRetry.parseCommaSeparated(
                RaftServerConfigKeys.Log.Appender.retryPolicy(properties));

        Duration wait = Duration.ofNanos(
                policy.handleAttemptFailure(() -> errors).getSleepTime().toLong(TimeUnit.NANOSECONDS));

        assertThat(wait).isPositive().isLessThan(options.electionMin());
    }
}
