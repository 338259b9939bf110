// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorStatus;
import io.tidemark.api.SessionToken;
import io.tidemark.client.Change;
import io.tidemark.client.ClosedException;
import io.tidemark.client.Codec;
import io.tidemark.client.CodecException;
import io.tidemark.client.Failure;
import io.tidemark.client.HistoryChangedException;
import io.tidemark.client.HorizonPassedException;
import io.tidemark.client.InvalidRequestException;
import io.tidemark.client.NotFoundException;
import io.tidemark.client.Row;
import io.tidemark.client.TidemarkException;
import io.tidemark.client.WatchEvent;
import io.tidemark.client.WatchFilter;
import io.tidemark.client.internal.dispatch.ReadAsk;
import io.tidemark.client.internal.dispatch.Target;
import io.tidemark.client.internal.failure.AttemptFailure;
import io.tidemark.client.internal.failure.Exceptions;
import io.tidemark.client.internal.scan.Scans;
import io.tidemark.client.internal.session.Seen;
import io.tidemark.client.internal.stream.FakeDispatcher;
import io.tidemark.client.internal.stream.FakeDispatcher.FakeStream;
import io.tidemark.client.internal.stream.Intake;
import io.tidemark.client.internal.stream.Intakes;
import io.tidemark.client.internal.stream.StreamServices;
import io.tidemark.client.internal.wire.Headers;
import io.tidemark.proto.v1.ChangeKind;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.HorizonPassed;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.StreamScanRequest;
import io.tidemark.proto.v1.StreamScanResponse;
import io.tidemark.proto.v1.Value;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.proto.v1.WatchPreviousRow;
import io.tidemark.proto.v1.WatchRequest;
import io.tidemark.proto.v1.WatchResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WatchingTest {

    private static final String HISTORY = "8h2kq0m5x7c1r9vz";
    private static final String OTHER_HISTORY = "0123456789abcdef";
    private static final WatchSpec USERS = WatchSpec.of(List.of(WatchFilter.table("users")));
    private static final ReadAsk IN_SESSION =
            new ReadAsk(new ReadAsk.Base.Applied(), Duration.ofSeconds(5), null, 12, HISTORY, null, false);

    private final FakeDispatcher dispatcher = new FakeDispatcher();
    private final StreamServices services = dispatcher.services();
    private final Seen seen = new Seen();

    @Test
    void shouldAskForWhatIsWatched() {
        WatchSpec spec = WatchSpec.of(List.of(
                        WatchFilter.table("users"),
                        WatchFilter.key("orders", "o1"),
                        WatchFilter.prefix("orders", "x/"),
                        WatchFilter.range("orders", "a", null)))
                .withRows(false, true)
                .withHeartbeat(Duration.ofMillis(250))
                .beginning(new Place(HISTORY, 41), false);

        watch(spec);

        WatchRequest asked = watchStream().request;
        assertThat(asked.getFiltersCount()).isEqualTo(4);
        assertThat(asked.getFilters(0).hasKey()).isFalse();
        assertThat(asked.getFilters(1).getKey()).isEqualTo("o1");
        assertThat(asked.getFilters(2).getRange().getPrefix()).isEqualTo("x/");
        assertThat(asked.getFilters(3).getRange().getStart()).isEqualTo("a");
        assertThat(asked.getFilters(3).getRange().hasEnd()).isFalse();
        assertThat(asked.getFromIndex()).isEqualTo(42);
        assertThat(asked.getHistoryId()).isEqualTo(HISTORY);
        assertThat(asked.getSessionTokensCount()).isZero();
        assertThat(asked.getRowView()).isEqualTo(RowView.ROW_VIEW_METADATA);
        assertThat(asked.getValueForm()).isEqualTo(ValueForm.VALUE_FORM_BYTES);
        assertThat(asked.getPreviousRow()).isEqualTo(WatchPreviousRow.WATCH_PREVIOUS_ROW_METADATA);
        assertThat(Headers.duration(asked.getHeartbeatInterval())).isEqualTo(Duration.ofMillis(250));
        assertThat(watchStream().target).isEqualTo(new Target.OwnersOfAll());
    }

    @Test
    void shouldBeginBehindWhatTheSessionHasSeenUntilItKnowsItsPlace() {
        assertThat(seen.add(HISTORY, 7)).isTrue();
        Intake<Signal, WatchEvent<String>> events = watch(USERS);
        assertThat(watchStream().request.hasFromIndex()).isFalse();
        assertThat(watchStream().request.getSessionTokensList())
                .containsExactly(seen.token().map(SessionToken::text).orElseThrow());

        watchStream().lose();
        dispatcher.time.advance(Duration.ofSeconds(1));
        assertThat(watchStream().request.getSessionTokensCount()).isEqualTo(1);
        watchStream().send(header(9));
        watchStream().lose();
        dispatcher.time.advance(Duration.ofSeconds(1));

        assertThat(watchStream().request.getFromIndex()).isEqualTo(10);
        watchStream().send(header(9));
        assertThat(all(events))
                .extracting(event -> event.getClass().getSimpleName())
                .containsExactly("Disconnected", "Opened", "Disconnected", "Resumed");
    }

    @Test
    void shouldAskTheOwnersOfASingleRow() {
        watch(WatchSpec.of(List.of(WatchFilter.key("users", "ann"))));

        assertThat(watchStream().target).isEqualTo(new Target.OwnersOf("users", "ann"));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 41})
    void shouldTryElsewhereWhatOneServerNoLongerKeeps(long clusterHorizon) {
        Intake<Signal, WatchEvent<String>> events =
                watch(WatchSpec.of(List.of(WatchFilter.key("users", "ann"))).beginning(new Place(HISTORY, 41), false));
        watchStream().fail(horizonPassed(clusterHorizon));
        dispatcher.time.advance(Duration.ofSeconds(1));

        assertThat(watchStream().target).isEqualTo(new Target.OwnersOfAll());
        assertThat(watchStream().aside).containsExactly("server-0:1");
        watchStream().send(header(41));
        watchStream().lose();
        dispatcher.time.advance(Duration.ofSeconds(1));

        assertThat(watchStream().target).isEqualTo(new Target.OwnersOf("users", "ann"));
        assertThat(all(events)).noneMatch(event -> event instanceof WatchEvent.HistoryLost);
    }

    @Test
    void shouldTellThatHistoryIsLostAndEnd() {
        Intake<Signal, WatchEvent<String>> events = watch(USERS.beginning(new Place(HISTORY, 41), false));

        watchStream().fail(horizonPassed(42));

        assertThat(Intakes.poll(events))
                .isInstanceOfSatisfying(
                        WatchEvent.HistoryLost.class,
                        lost -> assertThat(lost.reason()).isInstanceOf(HorizonPassedException.class));
        assertThatThrownBy(() -> Intakes.poll(events)).isInstanceOf(HorizonPassedException.class);
        assertThatThrownBy(() -> Intakes.poll(events)).isInstanceOf(HorizonPassedException.class);
        assertThat(dispatcher.time.pending()).isZero();
    }

    @Test
    void shouldTakeForLostWhatManyServersInARowDoNotKeep() {
        Intake<Signal, WatchEvent<String>> events = watch(USERS.beginning(new Place(HISTORY, 41), false));
        for (int i = 0; i < 8; i++) {
            watchStream().fail(horizonPassed(41));
            dispatcher.time.advance(Duration.ofSeconds(2));
        }

        assertThat(dispatcher.streams).hasSize(8);
        assertThat(Intakes.poll(events)).isInstanceOf(WatchEvent.Disconnected.class);
        assertThat(Intakes.poll(events)).isInstanceOf(WatchEvent.HistoryLost.class);
    }

    @Test
    void shouldTellThatTheHistoryIsAnother() {
        Intake<Signal, WatchEvent<String>> events = watch(USERS.beginning(new Place(HISTORY, 41), false));

        watchStream().fail(historyChanged());

        assertThat(Intakes.poll(events)).isInstanceOf(WatchEvent.HistoryLost.class);
        assertThatThrownBy(() -> Intakes.poll(events)).isInstanceOf(HistoryChangedException.class);
    }

    @Test
    void shouldEndWhereNoServerWouldAnswerOtherwise() {
        Intake<Signal, WatchEvent<String>> events = watch(USERS);

        watchStream().fail(new InvalidRequestException(new Failure("no", "INVALID_FIELD"), null, List.of()));

        assertThatThrownBy(() -> Intakes.poll(events)).isInstanceOf(InvalidRequestException.class);
    }

    @Test
    void shouldEndWithTheClient() {
        Intake<Signal, WatchEvent<String>> events = watch(USERS);
        watchStream().lose();

        services.open().close();

        assertThat(Intakes.poll(events)).isInstanceOf(WatchEvent.Disconnected.class);
        assertThatThrownBy(() -> Intakes.poll(events)).isInstanceOf(ClosedException.class);
        assertThat(dispatcher.time.pending()).isZero();
    }

    @Test
    void shouldHoldOnlyTheLastSignOfLife() {
        Intake<Signal, WatchEvent<String>> events = watch(USERS);
        watchStream().send(header(9));
        for (int i = 10; i < 1000; i++) {
            watchStream().send(header(i));
        }

        assertThat(all(events)).hasSize(2).last().isInstanceOfSatisfying(WatchEvent.Progress.class, progress -> {
            assertThat(progress.index()).isEqualTo(999);
            assertThat((Object) progress.token()).isEqualTo(Optional.of("tm1." + HISTORY + ".999"));
        });
    }

    @Test
    void shouldTakeAWatchThatIsSilentBeyondItsHeartbeatsForLost() {
        watch(USERS.withHeartbeat(Duration.ofSeconds(1)));
        watchStream().send(header(9));
        dispatcher.time.advance(Duration.ofMillis(2999));
        assertThat(watchStream().isGivenUp()).isFalse();

        dispatcher.time.advance(Duration.ofMillis(1));

        assertThat(dispatcher.streams.get(0).isGivenUp()).isTrue();
        dispatcher.time.advance(Duration.ofSeconds(1));
        assertThat(watchStream().request.getFromIndex()).isEqualTo(10);
    }

    @Test
    void shouldTellWhatItCannotRead() {
        Intake<Signal, WatchEvent<Long>> events = watch(USERS, new LongCodec());
        watchStream().send(header(9));
        io.tidemark.proto.v1.Row row = Scans.row(1);
        watchStream()
                .send(WatchResponse.newBuilder()
                        .setThroughIndex(10)
                        .addEvents(event(10, 0, ChangeKind.CHANGE_KIND_PUT, row))
                        .addEvents(event(10, 1, ChangeKind.CHANGE_KIND_UNSPECIFIED, row))
                        .addEvents(event(
                                10,
                                2,
                                ChangeKind.CHANGE_KIND_TABLE_DROPPED,
                                io.tidemark.proto.v1.Row.newBuilder()
                                        .setTable("users")
                                        .build()))
                        .addEvents(event(10, 3, ChangeKind.CHANGE_KIND_EXPIRE, row).toBuilder()
                                .setPreviousRow(row))
                        .build());

        Intakes.poll(events);
        List<Change<Long>> changes =
                java.util.Objects.requireNonNull(Intakes.poll(events)).changes();

        assertThat(changes.get(0)).isInstanceOfSatisfying(Change.Unreadable.class, unreadable -> {
            assertThat(unreadable.key()).isEqualTo(Scans.key(1));
            assertThat(unreadable.failure()).isNotNull();
        });
        assertThat(changes.get(1))
                .isInstanceOfSatisfying(
                        Change.Unreadable.class,
                        unreadable -> assertThat(unreadable.failure()).isNull());
        assertThat(changes.get(2)).isEqualTo(new Change.TableDropped<>(10, 2, "users"));
        assertThat(changes.get(3)).isInstanceOfSatisfying(Change.Expire.class, expire -> {
            assertThat(expire.previous()).isNull();
            assertThat(expire.previousMissing()).isTrue();
        });
    }

    @Test
    void shouldGiveTheRowsOfASnapshotThatCanBeReadWithThoseThatCannot() {
        Intake<Signal, WatchEvent<Long>> events = watch(USERS.beginning(null, true), new LongCodec());
        io.tidemark.proto.v1.Row readable = Scans.row(1).toBuilder()
                .setValue(Value.newBuilder().setBytes(ByteString.copyFromUtf8("7")))
                .build();
        scanStream().send(rows(20, Scans.row(0), readable));
        scanStream().end();

        assertThat(Intakes.poll(events)).isInstanceOfSatisfying(WatchEvent.Snapshot.class, some -> {
            WatchEvent.Snapshot<?> snapshot = some;
            assertThat(snapshot.first()).isTrue();
            assertThat(snapshot.rows())
                    .singleElement()
                    .satisfies(row -> assertThat((Object) row.value()).isEqualTo(7L));
            assertThat(snapshot.unreadable()).singleElement().satisfies(row -> {
                assertThat(row.table()).isEqualTo("users");
                assertThat(row.key()).isEqualTo(Scans.key(0));
                assertThat(row.failure()).isInstanceOf(CodecException.class);
            });
        });
        assertThat(Intakes.poll(events)).isInstanceOf(WatchEvent.Snapshot.class);
    }

    @Test
    void shouldReadWhatIsThereAndThenTellWhatChanges() {
        Intake<Signal, WatchEvent<String>> events = watch(USERS.beginning(null, true));
        assertThat(scanStream().request.getReadOptions().getMinIndex()).isEqualTo(12);
        scanStream().send(rows(20, Scans.row(0), Scans.row(1)));
        scanStream().send(rows(20, Scans.row(2)));
        scanStream().end();

        assertThat(watchStream().request.getFromIndex()).isEqualTo(21);
        watchStream().send(header(20));
        assertThat(all(events))
                .extracting(event -> event instanceof WatchEvent.Snapshot<String> snapshot
                        ? snapshot.index() + " "
                                + snapshot.rows().stream().map(Row::key).toList() + " " + snapshot.first() + " "
                                + snapshot.last()
                        : event.getClass().getSimpleName())
                .containsExactly(
                        "20 [k00000, k00001] true false", "20 [k00002] false false", "20 [] false true", "Opened");
        assertThat(seen.index()).isEqualTo(20);
    }

    @Test
    void shouldReadSeveralTablesAsOfOneIndex() {
        WatchSpec spec = WatchSpec.of(List.of(WatchFilter.table("users"), WatchFilter.key("orders", "o1")))
                .beginning(null, true);
        Intake<Signal, WatchEvent<String>> events = watch(spec);
        scanStream().send(rows(20));
        scanStream().end();

        StreamScanRequest second = scanStream().request;
        assertThat(second.getTable()).isEqualTo("orders");
        assertThat(second.getStart()).isEqualTo("o1");
        assertThat(second.getLimit()).isEqualTo(1);
        assertThat(second.getReadOptions().getAsOfIndex()).isEqualTo(20);
        assertThat(second.getReadOptions().getHistoryId()).isEqualTo(HISTORY);
        scanStream().send(rows(20, Scans.row(0)));
        scanStream().end();

        assertThat(watchStream().request.getFromIndex()).isEqualTo(21);
        assertThat(all(events)).hasSize(2);
    }

    @Test
    void shouldTakeATableThatIsNotThereForEmpty() {
        Intake<Signal, WatchEvent<String>> events = watch(USERS.beginning(null, true));

        scanStream()
                .fail(new NotFoundException(
                        new Failure(
                                "no such table",
                                "TABLE_NOT_FOUND",
                                Map.of("table", "users", "history_id", HISTORY, "evaluated_index", "33"),
                                List.of()),
                        null));

        assertThat(watchStream().request.getFromIndex()).isEqualTo(34);
        assertThat(all(events))
                .containsExactly(new WatchEvent.Snapshot<>(33, HISTORY, List.of(), List.of(), true, true));
    }

    @Test
    void shouldReadAnewWhenHistoryIsLost() {
        Intake<Signal, WatchEvent<String>> events = watch(USERS.beginning(null, true));
        scanStream().send(rows(20, Scans.row(0)));
        scanStream().end();
        watchStream().send(header(20));

        watchStream().fail(historyChanged());

        assertThat(scanStream().request.getReadOptions().hasHistoryId()).isFalse();
        assertThat(scanStream().request.getReadOptions().hasMinIndex()).isFalse();
        assertThat(scanStream().request.getReadOptions().hasMaxStaleness()).isTrue();
        scanStream().send(rows(3, Scans.row(0)));
        scanStream().end();
        assertThat(watchStream().request.getFromIndex()).isEqualTo(4);
        assertThat(all(events))
                .extracting(event -> event.getClass().getSimpleName())
                .containsExactly("Snapshot", "Snapshot", "Opened", "HistoryLost", "Snapshot", "Snapshot");
    }

    @Test
    void shouldPauseBetweenSnapshotsThatLeadToNothing() {
        watch(USERS.beginning(null, true));
        scanStream().fail(horizonPassed(50));
        assertThat(dispatcher.streams).hasSize(2);
        scanStream().fail(horizonPassed(50));
        assertThat(dispatcher.streams).hasSize(2);

        dispatcher.time.advance(Duration.ofMillis(75));

        assertThat(dispatcher.streams).hasSize(3);
    }

    @Test
    void shouldTellWithinASnapshotThatNobodySends() {
        Intake<Signal, WatchEvent<String>> events = watch(USERS.beginning(null, true));
        for (int i = 0; i < 3; i++) {
            scanStream().lose();
            dispatcher.time.advance(Duration.ofSeconds(1));
        }
        scanStream().send(rows(20, Scans.row(0)));
        scanStream().lose();
        dispatcher.time.advance(Duration.ofSeconds(1));
        scanStream().send(rows(20));
        scanStream().end();

        assertThat(all(events))
                .extracting(event -> event.getClass().getSimpleName())
                .containsExactly("Disconnected", "Snapshot", "Disconnected", "Snapshot");
    }

    @Test
    void shouldNotTakeAScanThatEndsWithoutAWordForAnEmptyTable() {
        Intake<Signal, WatchEvent<String>> events = watch(USERS.beginning(null, true));
        scanStream().end();
        assertThat(all(events))
                .singleElement()
                .isInstanceOfSatisfying(
                        WatchEvent.Disconnected.class,
                        told -> assertThat(told.reason().reason()).isEqualTo("STREAM_ENDED"));

        dispatcher.time.advance(Duration.ofSeconds(1));
        scanStream().send(rows(20, Scans.row(0)));
        scanStream().end();

        assertThat(all(events))
                .extracting(event -> event.getClass().getSimpleName())
                .containsExactly("Snapshot", "Snapshot");
    }

    @Test
    void shouldEndWithinASnapshot() {
        Intake<Signal, WatchEvent<String>> events = watch(USERS.beginning(null, true));
        scanStream().send(rows(20, Scans.row(0)));

        events.close();

        assertThat(scanStream().isCancelled()).isTrue();
        assertThat(Intakes.isOver(events)).isTrue();
        assertThat(dispatcher.open()).isZero();
        assertThat(services.open().count()).isZero();
    }

    private Intake<Signal, WatchEvent<String>> watch(WatchSpec spec) {
        return watch(spec, Codec.string());
    }

    private <V> Intake<Signal, WatchEvent<V>> watch(WatchSpec spec, Codec<V> codec) {
        Watching watching = new Watching(spec, spec.snapshotFirst() ? IN_SESSION : null, seen, services);
        watching.start();
        return new Intake<>(watching.buffer(), new EventDecoder<>(codec, seen, () -> seen), watching::close);
    }

    private FakeStream<WatchRequest, WatchResponse> watchStream() {
        return dispatcher.last();
    }

    private FakeStream<StreamScanRequest, StreamScanResponse> scanStream() {
        return dispatcher.last();
    }

    private static <T> List<T> all(Intake<?, T> intake) {
        List<T> all = new ArrayList<>();
        for (@Nullable T next = Intakes.poll(intake); next != null; next = Intakes.poll(intake)) {
            all.add(next);
        }
        return all;
    }

    private static WatchResponse header(long through) {
        return WatchResponse.newBuilder()
                .setHeader(ResponseHeader.newBuilder().setHistoryId(HISTORY).setServedBy("n1"))
                .setThroughIndex(through)
                .build();
    }

    private static StreamScanResponse rows(long index, io.tidemark.proto.v1.Row... rows) {
        return StreamScanResponse.newBuilder()
                .setHeader(ResponseHeader.newBuilder().setHistoryId(HISTORY).setReadIndex(index))
                .addAllRows(List.of(rows))
                .setResumeToken("token")
                .build();
    }

    private static io.tidemark.proto.v1.WatchEvent event(
            long index, int position, ChangeKind kind, io.tidemark.proto.v1.Row row) {
        return io.tidemark.proto.v1.WatchEvent.newBuilder()
                .setIndex(index)
                .setPosition(position)
                .setKind(kind)
                .setRow(row)
                .build();
    }

    private static TidemarkException horizonPassed(long clusterHorizon) {
        StatusRuntimeException told = ErrorStatus.of(ErrorReason.ERROR_REASON_HORIZON_PASSED, "gone")
                .withDetail(HorizonPassed.newBuilder()
                        .setAskedIndex(41)
                        .setServerHorizon(60)
                        .setClusterHorizon(clusterHorizon)
                        .build())
                .toException();
        return Exceptions.of("watch", AttemptFailure.of(told.getStatus(), told.getTrailers(), true), List.of());
    }

    private static TidemarkException historyChanged() {
        return new HistoryChangedException(new Failure("another", "HISTORY_CHANGED"), null, HISTORY, OTHER_HISTORY);
    }

    private static final class LongCodec implements Codec<Long> {
        @Override
        public String contentType() {
            return "text/plain";
        }

        @Override
        public byte[] encode(Long value) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Long decode(byte[] bytes, String contentType) {
            return Long.parseLong(new String(bytes, java.nio.charset.StandardCharsets.UTF_8));
        }
    }
}
