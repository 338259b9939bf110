// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.api.ErrorStatus;
import io.tidemark.api.HistoryId;
import io.tidemark.api.SessionToken;
import io.tidemark.proto.v1.ChangeKind;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.Fragment;
import io.tidemark.proto.v1.HorizonPassed;
import io.tidemark.proto.v1.KeyRange;
import io.tidemark.proto.v1.Moved;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.WatchEvent;
import io.tidemark.proto.v1.WatchFilter;
import io.tidemark.proto.v1.WatchPreviousRow;
import io.tidemark.proto.v1.WatchRequest;
import io.tidemark.proto.v1.WatchResponse;
import io.tidemark.server.freshness.Proof;
import io.tidemark.server.time.Moment;
import io.tidemark.store.Shards;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WatchesTest {

    private static final int PLENTY = 1_000_000;
    private static final int MESSAGE_BYTES = 2000;
    private static final WatchOptions OPTIONS = new WatchOptions(
            10_001,
            3,
            Duration.ofSeconds(30),
            Duration.ofSeconds(10),
            Duration.ofSeconds(5),
            100_000,
            500,
            MESSAGE_BYTES);

    private WatchedStore store;
    private WatchRig rig;

    @BeforeEach
    void open() {
        store = new WatchedStore(1 << 20);
        rig = new WatchRig(store.store(), OPTIONS);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private ManualCall watch(UnaryOperator<WatchRequest.Builder> asking) {
        ManualCall call = rig.watch(PLENTY, asking);
        rig.run();
        return call;
    }

    private long put(String key) {
        return store.commit(WatchedStore.put("t", key, "value of " + key));
    }

    @Test
    void theFirstMessageNamesTheStateThatItBeginsWith() {
        put("a");
        long index = put("a");
        rig.proofs.add(new Proof(new Moment(1, 1), index));

        ManualCall call = watch(request -> request.setTable("t"));

        WatchResponse opening = call.last();
        assertThat(opening.getThroughIndex()).isEqualTo(index);
        assertThat(opening.getThroughTime().getSeconds()).isEqualTo(1002);
        assertThat(opening.getEventsList()).isEmpty();
        assertThat(opening.getHeader().getHistoryId()).isEqualTo(WatchedStore.HISTORY.text());
        assertThat(opening.getHeader().getServedBy()).isEqualTo("s1");
        assertThat(opening.getHeader().getAppliedIndex()).isEqualTo(index);
        assertThat(opening.getHeader().getReadIndex()).isEqualTo(index);
        assertThat(opening.getHeader().hasStaleness()).isTrue();
    }

    @Test
    void aChangeComesWithItsRowAndWithoutWaitingForAnything() {
        ManualCall call = watch(request -> request.setTable("t").setKey("a"));

        long index = put("a");
        put("b");
        rig.run();

        assertThat(call.messages).hasSize(2);
        WatchResponse message = call.last();
        assertThat(message.hasHeader()).isFalse();
        assertThat(message.getThroughIndex()).isEqualTo(index + 1);
        WatchEvent event = message.getEvents(0);
        assertThat(event.getIndex()).isEqualTo(index);
        assertThat(event.getTime().getSeconds()).isEqualTo(1001);
        assertThat(event.getPosition()).isZero();
        assertThat(event.getKind()).isEqualTo(ChangeKind.CHANGE_KIND_PUT);
        assertThat(event.getRow().getValue().getBytes().toStringUtf8()).isEqualTo("value of a");
        assertThat(event.hasShard()).isTrue();
    }

    @Test
    void valuesAreLeftOutWhereOnlyMetadataIsAskedFor() {
        ManualCall call = watch(request -> request.setRowView(RowView.ROW_VIEW_METADATA));
        put("a");
        rig.run();
        assertThat(call.events().get(0).getRow().hasValue()).isFalse();
    }

    @Test
    void aWatchOpenedAfterAWriteDoesNotBeginBeforeIt() {
        long seen = store.store().appliedIndex() + 2;
        String token = new SessionToken(WatchedStore.HISTORY, seen).text();

        ManualCall call = watch(request -> request.addSessionTokens(token));
        put("a");
        rig.run();
        assertThat(call.messages).isEmpty();

        put("b");
        rig.run();
        assertThat(call.last().getThroughIndex()).isEqualTo(seen);
        assertThat(call.events()).isEmpty();
    }

    @Test
    void aSessionThatIsNotReachedEndsTheWatch() {
        String token = new SessionToken(WatchedStore.HISTORY, 100).text();
        ManualCall call = watch(request -> request.addSessionTokens(token));
        rig.pass(Duration.ofSeconds(6));
        assertThat(call.error().reason()).isEqualTo(ErrorReason.ERROR_REASON_TOO_STALE);
        assertThat(rig.watches.count()).isZero();
    }

    @Test
    void anIndexThatLiesAheadIsWaitedFor() {
        put("a");
        ManualCall call = watch(request -> WatchRig.from(request, 3));
        put("b");
        rig.run();
        assertThat(call.events()).isEmpty();
        put("c");
        rig.run();
        assertThat(call.events()).extracting(event -> event.getRow().getKey()).containsExactly("c");
    }

    @Test
    void aDeleteAndAnExpiryAreToldApart() {
        ManualCall call = watch(request -> request.addKinds(ChangeKind.CHANGE_KIND_EXPIRE)
                .addKinds(ChangeKind.CHANGE_KIND_DELETE)
                .setTable("t"));
        long index = store.commit(WatchedStore.putExpiring("t", "a"), WatchedStore.put("t", "b", "1"));
        store.commit(WatchedStore.delete("t", "b"));
        store.passSeconds(10);
        store.expire("t", "a", index);
        rig.run();

        assertThat(call.events())
                .extracting(WatchEvent::getKind)
                .containsExactly(ChangeKind.CHANGE_KIND_DELETE, ChangeKind.CHANGE_KIND_EXPIRE);
        assertThat(call.events().get(1).getRow().getKey()).isEqualTo("a");
        assertThat(call.events().get(1).getRow().hasValue()).isFalse();
        assertThat(call.events().get(1).getRow().getModifiedIndex()).isEqualTo(index + 2);
    }

    @Test
    void silenceIsBrokenByAHeartbeatThatMovesOn() {
        ManualCall call = watch(request -> request.setTable("quiet")
                .setHeartbeatInterval(com.google.protobuf.Duration.newBuilder().setNanos(200_000_000)));
        long index = put("a");
        rig.pass(Duration.ofMillis(199));
        assertThat(call.messages).hasSize(1);

        rig.pass(Duration.ofMillis(1));
        assertThat(call.messages).hasSize(2);
        assertThat(call.last().getThroughIndex()).isEqualTo(index);
        assertThat(call.last().getThroughTime().getSeconds()).isEqualTo(1001);
        assertThat(call.last().hasHeader()).isTrue();

        rig.pass(Duration.ofSeconds(1));
        assertThat(call.messages).hasSize(7);
    }

    @Test
    void aMessagePutsTheNextHeartbeatOff() {
        ManualCall call = watch(request -> request.setTable("t"));
        rig.pass(Duration.ofMillis(900));
        put("a");
        rig.run();
        rig.pass(Duration.ofMillis(999));
        assertThat(call.messages).hasSize(2);
        rig.pass(Duration.ofMillis(1));
        assertThat(call.messages).hasSize(3);
    }

    @Test
    void aDropIsToldOnceToWhoeverWatchesTheTable() {
        store.commit(WatchedStore.put("t", "a", "1"), WatchedStore.put("t", "b", "1"), WatchedStore.put("u", "a", "1"));
        ManualCall ofKey = watch(request -> request.setTable("t").setKey("a").addKinds(ChangeKind.CHANGE_KIND_PUT));
        ManualCall ofRange = watch(request -> request.addFilters(WatchFilter.newBuilder()
                .setTable("t")
                .setRange(KeyRange.newBuilder().setStart("x").setEnd("y"))));
        ManualCall ofOther = watch(request -> request.setTable("u"));

        long index = store.dropTable("t");
        store.dropStep("t");
        rig.run();

        for (ManualCall call : List.of(ofKey, ofRange)) {
            assertThat(call.events()).hasSize(1);
            WatchEvent event = call.events().get(0);
            assertThat(event.getKind()).isEqualTo(ChangeKind.CHANGE_KIND_TABLE_DROPPED);
            assertThat(event.getIndex()).isEqualTo(index);
            assertThat(event.getRow().getTable()).isEqualTo("t");
            assertThat(event.getRow().getKey()).isEmpty();
            assertThat(event.getRow().getModifiedIndex()).isEqualTo(index);
            assertThat(event.hasShard()).isFalse();
        }
        assertThat(ofOther.events()).isEmpty();
    }

    @Test
    void aCommitTooLargeForOneMessageComesInParts() {
        List<Mutation> mutations = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            mutations.add(WatchedStore.put("t", "k" + i, "v".repeat(500)));
        }
        put("before");
        long index = store.commit(mutations.toArray(new Mutation[0]));
        put("after");

        ManualCall call = rig.watch(3, request -> WatchRig.from(request, 1));
        rig.run();
        assertThat(call.messages).hasSize(3);
        assertThat(call.messages.get(1).getEventsList()).hasSize(1);
        assertThat(call.messages.get(2).getFragment())
                .isEqualTo(Fragment.newBuilder().setNumber(0).build());
        rig.pass(Duration.ofSeconds(2));
        call.allow(PLENTY);
        rig.run();

        List<WatchResponse> parts =
                call.messages.stream().filter(WatchResponse::hasFragment).toList();
        assertThat(parts.size()).isGreaterThan(2);
        for (int i = 0; i < parts.size(); i++) {
            boolean last = i == parts.size() - 1;
            assertThat(parts.get(i).getFragment())
                    .isEqualTo(Fragment.newBuilder().setNumber(i).setLast(last).build());
            assertThat(parts.get(i).getThroughIndex()).isEqualTo(last ? index : index - 1);
            assertThat(parts.get(i).getSerializedSize()).isLessThan(MESSAGE_BYTES + 200);
        }
        assertThat(call.events())
                .extracting(WatchEvent::getPosition)
                .containsExactly(0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0);
    }

    @Test
    void theRowBeforeIsToldOrSaidToBeMissing() {
        put("a");
        long second = put("a");
        ManualCall call = rig.watch(
                1,
                request -> WatchRig.from(request, second).setPreviousRow(WatchPreviousRow.WATCH_PREVIOUS_ROW_METADATA));
        ManualCall full =
                watch(request -> WatchRig.from(request, 1).setPreviousRow(WatchPreviousRow.WATCH_PREVIOUS_ROW_FULL));
        rig.run();

        assertThat(full.events().get(0).hasPreviousRow()).isFalse();
        assertThat(full.events().get(1).getPreviousRow().getValue().getBytes().toStringUtf8())
                .isEqualTo("value of a");
        call.allow(1);
        rig.run();
        assertThat(call.events().get(0).getPreviousRow().getVersion()).isEqualTo(1);
        assertThat(call.events().get(0).getPreviousRow().hasValue()).isFalse();
    }

    @Test
    void whatLiesBelowTheHorizonIsRefused() {
        put("a");
        put("b");
        store.passSeconds(1000);
        put("c");
        long horizon = store.store().horizon();
        assertThat(horizon).isEqualTo(2);
        rig.clusterHorizon = 1;

        ManualCall call = watch(request -> WatchRig.from(request, horizon));

        ErrorStatus error = call.error();
        assertThat(error.reason()).isEqualTo(ErrorReason.ERROR_REASON_HORIZON_PASSED);
        assertThat(error.detail(HorizonPassed.class))
                .contains(HorizonPassed.newBuilder()
                        .setAskedIndex(horizon - 1)
                        .setServerHorizon(horizon)
                        .setClusterHorizon(1)
                        .setServedBy("s1")
                        .build());
        assertThat(watch(request -> WatchRig.from(request, horizon + 1)).events())
                .hasSize(1);
    }

    @Test
    void aWatcherWhomTheHorizonOvertakesIsTold() {
        ManualCall call = rig.watch(1, request -> request);
        rig.run();
        put("a");
        put("b");
        store.passSeconds(1000);
        put("c");
        call.allow(1);
        rig.run();
        assertThat(call.error().reason()).isEqualTo(ErrorReason.ERROR_REASON_HORIZON_PASSED);
    }

    @Test
    void aWatcherThatWaitsIsNotOvertakenByTheHorizon() {
        ManualCall call = watch(request -> request.setTable("quiet"));
        for (int i = 0; i < 5; i++) {
            store.passSeconds(1000);
            put("a");
            rig.run();
        }
        long index = store.commit(WatchedStore.put("quiet", "a", "1"));
        rig.run();
        assertThat(call.events()).extracting(WatchEvent::getIndex).containsExactly(index);
    }

    @Test
    void aWatcherThatTakesNothingIsCutOffAndHoldsNothingMeanwhile() {
        ManualCall call = rig.watch(2, request -> request);
        rig.run();
        for (int i = 0; i < 100; i++) {
            put("a");
            rig.run();
        }
        assertThat(call.messages).hasSize(2);

        rig.pass(Duration.ofSeconds(29));
        assertThat(call.hasEnded()).isFalse();
        rig.pass(Duration.ofSeconds(2));
        ErrorStatus error = call.error();
        assertThat(error.reason()).isEqualTo(ErrorReason.ERROR_REASON_WATCHER_TOO_SLOW);
        assertThat(error.metadata())
                .containsEntry("through_index", String.valueOf(call.last().getThroughIndex()));
        assertThat(call.messages).hasSize(2);
        assertThat(rig.watches.count()).isZero();
        assertThat(rig.time.pendingCalls()).isZero();
    }

    @Test
    void aWatcherThatIsSlowButTakesSomethingIsNotCutOff() {
        ManualCall call = rig.watch(1, request -> request);
        rig.run();
        for (int i = 0; i < 10; i++) {
            put("a");
            rig.pass(Duration.ofSeconds(20));
            call.allow(1);
            rig.run();
        }
        assertThat(call.hasEnded()).isFalse();
    }

    @Test
    void whoeverIsNotConcernedIsNotTouched() {
        int count = 10_000;
        List<ManualCall> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String key = "k" + i;
            calls.add(rig.watch(PLENTY, request -> request.setTable("t").setKey(key)));
        }
        rig.run();
        rig.tasksRun = 0;

        for (int i = 0; i < 100; i++) {
            put("k" + i);
            rig.run();
        }

        // One look, the turn of the one watch concerned, and the look that follows when it waits again.
        assertThat(rig.tasksRun).isLessThanOrEqualTo(400);
        assertThat(calls.get(99).events()).hasSize(1);
        assertThat(calls.get(100).events()).isEmpty();
    }

    @Test
    void aStopEndsAllAndTakesNoMore() {
        ManualCall call = watch(request -> request);
        ManualCall stalled = rig.watch(0, request -> request);
        rig.watches.stop();
        rig.run();
        assertThat(call.error().reason()).isEqualTo(ErrorReason.ERROR_REASON_STOPPING);
        assertThat(stalled.error().reason()).isEqualTo(ErrorReason.ERROR_REASON_STOPPING);
        assertThat(watch(request -> request).error().reason()).isEqualTo(ErrorReason.ERROR_REASON_STOPPING);
        assertThat(rig.watches.count()).isZero();
    }

    @Test
    void aWatchGoesOnWithAStoreThatTakesThePlaceOfAnother() {
        put("a");
        ManualCall call = watch(request -> request.setTable("t"));
        try (WatchedStore other = new WatchedStore(1)) {
            for (String key : List.of("a", "b", "c")) {
                other.commit(WatchedStore.put("t", key, key));
            }
            rig.state = null;
            rig.pass(Duration.ofSeconds(5));
            rig.state = rig.stateOf(other.store());
            rig.watches.servingChanged();
            rig.run();
            assertThat(call.events())
                    .extracting(event -> event.getRow().getKey())
                    .containsExactly("b", "c");

            other.commit(WatchedStore.put("t", "d", "d"));
            rig.run();
            assertThat(call.events()).hasSize(3);
        }
    }

    @Test
    void aWatchWhosePlaceTheNewStoreNoLongerHasIsTold() {
        put("a");
        ManualCall call = watch(request -> request.setTable("t"));
        try (WatchedStore other = new WatchedStore(1)) {
            for (String key : List.of("a", "b", "c")) {
                other.commit(WatchedStore.put("t", key, key));
            }
            other.passSeconds(1000);
            other.commit(WatchedStore.put("t", "d", "d"));
            rig.state = rig.stateOf(other.store());
            rig.watches.servingChanged();
            rig.run();
            assertThat(call.error().reason()).isEqualTo(ErrorReason.ERROR_REASON_HORIZON_PASSED);
        }
    }

    @Test
    void aStoreThatStaysAwayEndsTheWatch() {
        ManualCall call = watch(request -> request);
        rig.state = null;
        rig.pass(Duration.ofSeconds(9));
        assertThat(call.hasEnded()).isFalse();
        rig.pass(Duration.ofSeconds(3));
        assertThat(call.error().reason()).isEqualTo(ErrorReason.ERROR_REASON_STOPPING);
    }

    @Test
    void anotherHistoryEndsTheWatch() {
        ManualCall call = watch(request -> request);
        try (WatchedStore other = new WatchedStore(new HistoryId("fedcba9876543210"), 1)) {
            other.commit(WatchedStore.put("t", "a", "a"));
            rig.state = rig.stateOf(other.store());
            rig.pass(Duration.ofSeconds(1));
            assertThat(call.error().reason()).isEqualTo(ErrorReason.ERROR_REASON_HISTORY_CHANGED);
            assertThat(call.events()).isEmpty();
        }
    }

    @Test
    void aWatchWhoseShardsAreNoLongerServedMovesOn() {
        ManualCall call = watch(request -> request);
        long index = put("a");
        rig.run();
        put("a");
        rig.serving = Shards.all(1000);
        rig.run();
        ErrorStatus error = call.error();
        assertThat(error.reason()).isEqualTo(ErrorReason.ERROR_REASON_MOVED);
        Moved moved = error.detail(Moved.class).orElseThrow();
        assertThat(moved.getThroughIndex()).isEqualTo(index);
        assertThat(Shards.of(moved.getShards(), 1024))
                .isEqualTo(Shards.all(1024).minus(Shards.all(1000)));
    }

    @Test
    void aCallerWhoLeavesLeavesNothingBehind() {
        ManualCall call = watch(request -> request);
        call.cancel();
        rig.run();
        assertThat(rig.watches.count()).isZero();
        assertThat(rig.time.pendingCalls()).isZero();
    }

    @Test
    void moreWatchesThanConfiguredAreRefused() {
        WatchRig small = new WatchRig(
                store.store(),
                new WatchOptions(
                        1, 3, Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1), 1000, 1000, 1000));
        small.watch(1, request -> request);
        assertThat(small.watch(1, request -> request).error().reason()).isEqualTo(ErrorReason.ERROR_REASON_OVERLOADED);
    }

    @Test
    void requestsThatBreakRulesNameTheField() {
        assertInvalid("from_index", request -> WatchRig.from(request, 0));
        assertInvalid("history_id", request -> request.setFromIndex(1));
        assertInvalid("key", request -> request.setKey("a"));
        assertInvalid("prefix", request -> request.setPrefix("a"));
        assertInvalid("key", request -> request.setTable("t").setKey("a").setPrefix("a"));
        assertInvalid("table", request -> request.setTable("t").addFilters(WatchFilter.getDefaultInstance()));
        assertInvalid("filters[0].table", request -> request.addFilters(WatchFilter.getDefaultInstance()));
        assertInvalid(
                "filters[1].key",
                request -> request.addFilters(WatchFilter.newBuilder().setTable("t"))
                        .addFilters(WatchFilter.newBuilder().setTable("t").setKey("")));
        assertInvalid("filters", request -> {
            for (int i = 0; i < 4; i++) {
                request.addFilters(WatchFilter.newBuilder().setTable("t"));
            }
            return request;
        });
        assertInvalid("kinds[0]", request -> request.addKinds(ChangeKind.CHANGE_KIND_UNSPECIFIED));
        assertInvalid(
                "heartbeat_interval",
                request -> request.setHeartbeatInterval(
                        com.google.protobuf.Duration.newBuilder().setNanos(99_999_999)));
        assertInvalid("shards", request -> {
            request.getShardsBuilder().addRangesBuilder().setFirst(0).setLast(1024);
            return request;
        });
        assertThat(watch(request -> request.addKindsValue(99)).error().reason())
                .isEqualTo(ErrorReason.ERROR_REASON_UNSUPPORTED);
        assertThat(watch(request -> request.setHistoryId("fedcba9876543210"))
                        .error()
                        .reason())
                .isEqualTo(ErrorReason.ERROR_REASON_HISTORY_CHANGED);
    }

    private void assertInvalid(String field, UnaryOperator<WatchRequest.Builder> asking) {
        ErrorStatus error = watch(asking).error();
        assertThat(error.reason()).isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
        assertThat(error.metadata()).containsEntry("field", field);
    }
}
