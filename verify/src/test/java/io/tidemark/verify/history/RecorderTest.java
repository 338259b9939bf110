// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.verify.fake.FakeServer;
import io.tidemark.verify.fake.FakeServer.Fault;
import io.tidemark.verify.history.Outcome.Refused;
import io.tidemark.verify.history.Outcome.Seen;
import io.tidemark.verify.history.Outcome.Written;
import io.tidemark.verify.history.Violation.Promise;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Recorded from a server that keeps its promises, and from some that do not. */
class RecorderTest {

    private static final int OPERATIONS = 400;

    @Test
    void shouldFindNothingWhereAllIsWell() throws Exception {
        History history = record();

        assertThat(Checks.of(history)).isEmpty();
        assertThat(history.operations()).hasSizeGreaterThan(OPERATIONS);
        assertThat(history.operations())
                .extracting(Operation::outcome)
                .hasAtLeastOneElementOfType(Written.class)
                .hasAtLeastOneElementOfType(Refused.class)
                .hasAtLeastOneElementOfType(Seen.class);
    }

    @Test
    void shouldFindNothingWhereAnswersAreLostAndRetriesAreKnown() throws Exception {
        assertThat(Checks.of(record(Fault.LOSES_ANSWERS))).isEmpty();
    }

    @Test
    void shouldFindWritesThatAreAppliedTwice() throws Exception {
        assertThat(Checks.of(record(Fault.LOSES_ANSWERS, Fault.APPLIES_RETRIES_AGAIN)))
                .extracting(Violation::promise)
                .contains(Promise.NOTHING_TWICE);
    }

    @Test
    void shouldFindLostWrites() throws Exception {
        assertThat(Checks.of(record(Fault.LOSES_WRITES)))
                .extracting(Violation::promise)
                .contains(Promise.NOTHING_LOST);
    }

    @Test
    void shouldFindStaleReads() throws Exception {
        assertThat(Checks.of(record(Fault.READS_STALE)))
                .extracting(Violation::promise)
                .contains(Promise.READS);
    }

    private static History record(Fault... faults) throws InterruptedException {
        try (FakeServer server = FakeServer.start(faults);
                Recorder recorder = new Recorder(new Recorder.Plan(
                        List.of(server.address()),
                        List.of("t"),
                        4,
                        100,
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(20),
                        1))) {
            recorder.start();
            while (recorder.operationsSoFar() <= OPERATIONS) {
                TimeUnit.MILLISECONDS.sleep(1);
            }
            return recorder.finish();
        }
    }
}
