// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import static io.tidemark.store.transition.TestStore.identity;
import static io.tidemark.store.transition.TestStore.increment;
import static io.tidemark.store.transition.TestStore.put;
import static io.tidemark.store.transition.TestStore.reason;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.OutcomeUnknown;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.validate.SettingsRules;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RequestWindowTest {

    private static final StoreSettings SMALL = SettingsRules.defaults().toBuilder()
            .setMinRequestIds(2)
            .setMaxRequestIds(4)
            .setRequestIdRetention(Duration.newBuilder().setSeconds(60))
            .build();

    private final TestStore store = new TestStore(SMALL);

    @Test
    void shouldAnswerARetryWithTheRecordedOutcomeAndIndex() {
        Command add = write("r", 1, increment("n", 1, 0));

        Outcome first = store.run(add).outcome();
        CommandResult retry = store.run(add);

        assertThat(first).isInstanceOf(Outcome.Committed.class);
        assertThat(retry.outcome()).isInstanceOfSatisfying(Outcome.Replayed.class, replayed -> {
            assertThat(replayed.settled().getSettledIndex()).isEqualTo(2);
            assertThat(replayed.settled().getCommitted().getResults(0).getVersion())
                    .isEqualTo(1);
        });
        assertThat(retry.commit()).isNull();
        assertThat(store.text("n")).isEqualTo("1");
    }

    @Test
    void shouldApplyOnceWithinOneEntry() {
        Command add = write("r", 1, increment("n", 1, 0));

        assertThat(store.run(add, add).outcome()).isInstanceOf(Outcome.Replayed.class);
        assertThat(store.text("n")).isEqualTo("1");
    }

    @Test
    void shouldRefuseTheSameIdForAnotherWrite() {
        store.run(write("r", 1, put("a", "1")));

        assertThat(reason(store.run(write("r", 1, put("a", "2"))).outcome()))
                .isEqualTo(ErrorReason.ERROR_REASON_REQUEST_ID_REUSED);
        assertThat(store.text("a")).isEqualTo("1");
    }

    @Test
    void shouldTellDifferentCommandsApart() {
        store.run(write("request-x", 1, put("a", "1")));
        Command drop = store.dropTable("t");
        Command reused = drop.toBuilder()
                .setDropTable(drop.getDropTable().toBuilder().setIdentity(identity("request-x", 1)))
                .build();

        assertThat(reason(store.run(reused).outcome())).isEqualTo(ErrorReason.ERROR_REASON_REQUEST_ID_REUSED);
    }

    @Test
    void shouldRememberErrorsSoThatALateCopyCannotSucceed() {
        store.run(write("set", 1, put("n", "x")));
        Command add = write("r", 2, increment("n", 1, 0));
        assertThat(reason(store.run(add).outcome())).isEqualTo(ErrorReason.ERROR_REASON_NOT_A_NUMBER);
        store.run(write("repair", 2, put("n", "1")));

        assertThat(store.run(add).outcome())
                .isInstanceOfSatisfying(
                        Outcome.Replayed.class,
                        replayed -> assertThat(replayed.settled().getRefused().getReason())
                                .isEqualTo(ErrorReason.ERROR_REASON_NOT_A_NUMBER_VALUE));
        assertThat(store.text("n")).isEqualTo("1");
    }

    @Test
    void shouldForgetByCountAndRefuseRetriesBelowTheFloor() {
        Command first = write("first", 1, increment("n", 1, 0));
        store.run(first);
        for (int i = 0; i < 4; i++) {
            store.run(write("later-" + i, store.lastIndex(), put("a", "1")));
        }

        assertThat(store.state.requests).hasSize(4).doesNotContainKey("first");
        assertThat(store.state.counters().windowFloor()).isEqualTo(2);
        Outcome late = store.run(first).outcome();
        assertThat(reason(late)).isEqualTo(ErrorReason.ERROR_REASON_REQUEST_ID_EXPIRED);
        OutcomeUnknown detail = ((Outcome.Refused) late)
                .refusal()
                .status()
                .detail(OutcomeUnknown.class)
                .orElseThrow();
        assertThat(detail.getWindowFloorIndex()).isEqualTo(2);
        assertThat(detail.getRequestId()).isEqualTo("first");
        assertThat(detail.getFirstSentIndex()).isEqualTo(1);
        assertThat(store.text("n")).isEqualTo("1");
        assertThat(store.run(write("new", 2, put("a", "1"))).outcome()).isInstanceOf(Outcome.Committed.class);
    }

    @Test
    void shouldForgetByTimeOnlyAboveTheMinimum() {
        store.run(write("a", 1, put("a", "1")), write("b", 1, put("a", "1")), write("c", 1, put("a", "1")));
        assertThat(store.state.requests).hasSize(4);

        store.seconds += 60;
        store.run(write("d", 1, put("a", "1")));
        assertThat(store.state.requests).hasSize(4);
        store.seconds += 1;
        store.run(write("e", store.lastIndex(), put("a", "1")));

        assertThat(store.state.requests).containsOnlyKeys("d", "e");
    }

    @Test
    void shouldForgetNothingWhenTheClockJumpsBack() {
        store.run(write("a", 1, put("a", "1")));
        store.seconds -= 500;
        store.run(write("b", 1, put("a", "1")));

        assertThat(store.state.requests).hasSize(3);
        assertThat(store.state.counters().logTime().seconds()).isEqualTo(1_000);
    }

    @Test
    void shouldGoOnAfterAWindowFullOfErrors() {
        for (int i = 0; i < 10; i++) {
            store.run(write("bad-" + i, 1, put("", "1")));
        }

        assertThat(store.run(write("good", 1, put("a", "1"))).outcome()).isInstanceOf(Outcome.Committed.class);
    }

    @Test
    void shouldRefuseMalformedIdentitiesAndNotRememberThem() {
        int remembered = store.state.requests.size();
        for (Command malformed : new Command[] {
            write("", 0, put("a", "1")),
            write("x".repeat(65), 0, put("a", "1")),
            write("ü", 0, put("a", "1")),
            write("r", -1, put("a", "1")),
            write("r", 2, put("a", "1"))
        }) {
            assertThat(reason(store.run(malformed).outcome())).isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
        }
        assertThat(store.state.requests).hasSize(remembered);
    }

    @Test
    void shouldRememberOnlyTheOutcomeOfLargeCommits() {
        Mutation[] many = new Mutation[RequestRecords.RESULTS_MAX + 1];
        for (int i = 0; i < many.length; i++) {
            many[i] = put("k" + i, "1");
        }
        store.run(write("large", 1, many));

        assertThat(requireNonNull(store.state.requests.get("large"))
                        .getCommitted()
                        .getResultsCount())
                .isZero();
    }

    private static Command write(String id, long firstSentIndex, Mutation... mutations) {
        return TestStore.write(
                identity(id, firstSentIndex), CommitRequest.newBuilder().addAllMutations(Arrays.asList(mutations)));
    }
}
