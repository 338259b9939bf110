// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import com.google.rpc.BadRequest;
import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.BatchGetRequest;
import io.tidemark.proto.v1.BatchGetResponse;
import io.tidemark.proto.v1.BatchWriteRequest;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.HorizonPassed;
import io.tidemark.proto.v1.Order;
import io.tidemark.proto.v1.ProbeRequest;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.RowKey;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.ScanRequest;
import io.tidemark.proto.v1.ScanResponse;
import io.tidemark.proto.v1.Strength;
import io.tidemark.proto.v1.TooStale;
import io.tidemark.proto.v1.Value;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.proto.v1.WatchRequest;
import io.tidemark.proto.v1.WhenUnmet;
import io.tidemark.server.read.StoreRig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyValueServiceTest {

    private static final ReadOptions EVENTUAL =
            ReadOptions.newBuilder().setStrength(Strength.STRENGTH_EVENTUAL).build();
    private static final Duration ZERO = Duration.getDefaultInstance();

    @TempDir
    private Path directory;

    private ServiceRig rig;

    @BeforeEach
    void open() {
        rig = new ServiceRig(directory);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private GetResponse get(String key) {
        return get(key, ReadOptions.newBuilder());
    }

    private GetResponse get(String key, ReadOptions.Builder options) {
        return rig.keyValue()
                .get(GetRequest.newBuilder()
                        .setTable("t")
                        .setKey(key)
                        .setReadOptions(options)
                        .build());
    }

    private Value value(String key, ValueForm form) {
        return rig.keyValue()
                .get(GetRequest.newBuilder()
                        .setTable("t")
                        .setKey(key)
                        .setValueForm(form)
                        .build())
                .getRow()
                .getValue();
    }

    private static ErrorStatus error(ThrowingCallable call) {
        try {
            call.call();
        } catch (StatusRuntimeException e) {
            return ErrorStatus.from(e).orElseThrow(() -> new AssertionError("not an error of ours", e));
        } catch (Throwable e) {
            throw new AssertionError("not a status", e);
        }
        throw new AssertionError("no error");
    }

    private static ErrorReason reason(ThrowingCallable call) {
        return error(call).reason();
    }

    @Test
    void shouldReadARowAndSayWhatItIsAsOf() {
        rig.data().put("a", "1");
        rig.data().put("a", "2");
        GetResponse answer = get("a");
        assertThat(answer.getRow().getValue().getText()).isEqualTo("2");
        assertThat(answer.getRow().getVersion()).isEqualTo(2);
        assertThat(answer.getRow().getCreatedIndex()).isEqualTo(1);
        assertThat(answer.getRow().getModifiedTime().getSeconds())
                .isEqualTo(rig.data().seconds());
        ResponseHeader header = answer.getHeader();
        assertThat(header.getHistoryId()).isEqualTo(StoreRig.HISTORY.text());
        assertThat(header.getServedBy()).isEqualTo("n1");
        assertThat(header.getAppliedIndex()).isEqualTo(2);
        assertThat(header.getReadIndex()).isEqualTo(2);
        assertThat(header.getTerm()).isEqualTo(7);
        assertThat(header.getReadTime().getSeconds()).isEqualTo(rig.data().seconds());
        assertThat(header.hasStaleness()).isTrue();
        assertThat(header.getStaleness()).isNotEqualTo(ZERO);
        assertThat(header.hasUnmet()).isFalse();
    }

    @Test
    void shouldProveAnAbsenceAndKnowNothingBeforeTheFirstProof() {
        rig.data().put("a", "1");
        GetResponse answer = get("b", EVENTUAL.toBuilder());
        assertThat(answer.hasRow()).isFalse();
        assertThat(answer.getHeader().getReadIndex()).isEqualTo(1);
        assertThat(answer.getHeader().hasStaleness()).isFalse();
    }

    @Test
    void shouldGiveValuesInTheFormAskedFor() {
        rig.data().put("t", "json", ByteString.copyFromUtf8("{\"n\": 9007199254740993}"), "application/json");
        rig.data().put("t", "small", ByteString.copyFromUtf8("{\"n\": 1}"), "application/json");
        rig.data().put("t", "raw", ByteString.copyFrom(new byte[] {(byte) 0xFF}), "text/plain");
        rig.data().put("t", "image", ByteString.copyFromUtf8("x"), "image/png");
        assertThat(value("json", ValueForm.VALUE_FORM_UNSPECIFIED).getText()).isEqualTo("{\"n\": 9007199254740993}");
        assertThat(value("image", ValueForm.VALUE_FORM_UNSPECIFIED).hasBytes()).isTrue();
        assertThat(value("raw", ValueForm.VALUE_FORM_UNSPECIFIED).hasBytes()).isTrue();
        assertThat(value("image", ValueForm.VALUE_FORM_TEXT).getText()).isEqualTo("x");
        assertThat(value("json", ValueForm.VALUE_FORM_BYTES).hasBytes()).isTrue();
        assertThat(value("small", ValueForm.VALUE_FORM_JSON)
                        .getJson()
                        .getStructValue()
                        .getFieldsOrThrow("n")
                        .getNumberValue())
                .isEqualTo(1);
        assertThat(reason(() -> value("raw", ValueForm.VALUE_FORM_TEXT)))
                .isEqualTo(ErrorReason.ERROR_REASON_VALUE_FORM_UNAVAILABLE);
        assertThat(reason(() -> value("json", ValueForm.VALUE_FORM_JSON)))
                .isEqualTo(ErrorReason.ERROR_REASON_VALUE_FORM_UNAVAILABLE);
        assertThat(rig.keyValue()
                        .get(GetRequest.newBuilder()
                                .setTable("t")
                                .setKey("raw")
                                .setRowView(RowView.ROW_VIEW_METADATA)
                                .build())
                        .getRow()
                        .hasValue())
                .isFalse();
    }

    @Test
    void shouldRefuseTablesThatAreNotThereOrGoing() {
        ErrorStatus missing = error(() -> get("a"));
        assertThat(missing.reason()).isEqualTo(ErrorReason.ERROR_REASON_TABLE_NOT_FOUND);
        assertThat(missing.metadata())
                .containsEntry("table", "t")
                .containsEntry("history_id", StoreRig.HISTORY.text())
                .containsEntry("evaluated_index", "0");
        rig.data().put("a", "1");
        rig.data().drop("t");
        assertThat(reason(() -> get("a"))).isEqualTo(ErrorReason.ERROR_REASON_TABLE_DROPPING);
        assertThat(reason(() -> scan("", 0))).isEqualTo(ErrorReason.ERROR_REASON_TABLE_DROPPING);
        assertThat(get("a", ReadOptions.newBuilder().setAsOfIndex(1)).hasRow())
                .as("before the drop")
                .isTrue();
    }

    @Test
    void shouldRefuseWhatIsWrong() {
        ErrorStatus fields = error(() -> rig.keyValue().get(GetRequest.getDefaultInstance()));
        assertThat(fields.reason()).isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
        assertThat(fields.detail(BadRequest.class).orElseThrow().getFieldViolationsList())
                .extracting(BadRequest.FieldViolation::getField)
                .containsExactly("table", "key");
        ErrorStatus unknown = error(() -> rig.keyValue()
                .get(GetRequest.newBuilder()
                        .setTable("t")
                        .setKey("a")
                        .setReadOptions(ReadOptions.newBuilder().setStrengthValue(9))
                        .build()));
        assertThat(unknown.reason()).isEqualTo(ErrorReason.ERROR_REASON_UNSUPPORTED);
        assertThat(unknown.metadata()).containsEntry("field", "read_options.strength");
        assertThat(error(() -> rig.keyValue()
                                .scan(ScanRequest.newBuilder()
                                        .setTable("t")
                                        .setPrefix("a")
                                        .setStart("b")
                                        .setPageSize(-1)
                                        .build()))
                        .detail(BadRequest.class)
                        .orElseThrow()
                        .getFieldViolationsList())
                .extracting(BadRequest.FieldViolation::getField)
                .containsExactly("prefix", "page_size");
        assertThat(reason(() -> get("a", ReadOptions.newBuilder().addSessionTokens("tm9"))))
                .isEqualTo(ErrorReason.ERROR_REASON_BAD_SESSION_TOKEN);
        assertThat(reason(() -> get("a", ReadOptions.newBuilder().setHistoryId("other"))))
                .isEqualTo(ErrorReason.ERROR_REASON_HISTORY_CHANGED);
        assertThat(reason(() -> get(
                        "a",
                        ReadOptions.newBuilder()
                                .setAsOfTime(Timestamp.newBuilder().setNanos(-1)))))
                .isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
    }

    @Test
    void shouldTellWhatOfFreshnessIsNotMet() {
        rig.data().put("a", "1");
        ErrorStatus floor = error(() -> get(
                "a",
                EVENTUAL.toBuilder()
                        .setMinIndex(5)
                        .setMaxWait(Duration.newBuilder().setNanos(1_000_000))));
        assertThat(floor.reason()).isEqualTo(ErrorReason.ERROR_REASON_TOO_STALE);
        assertThat(floor.detail(TooStale.class).orElseThrow().getUnmet().getAskedIndex())
                .isEqualTo(5);
        assertThat(reason(
                        () -> get("a", ReadOptions.newBuilder().setAsOfIndex(5).setMaxWait(ZERO))))
                .isEqualTo(ErrorReason.ERROR_REASON_INDEX_NOT_REACHED);
        assertThat(reason(() -> get(
                        "a",
                        ReadOptions.newBuilder()
                                .setAsOfTime(Timestamp.newBuilder()
                                        .setSeconds(rig.data().seconds()))
                                .setMaxWait(ZERO))))
                .isEqualTo(ErrorReason.ERROR_REASON_TIME_NOT_CLOSED);
        rig.loseLeader();
        assertThat(reason(() -> get("a", ReadOptions.newBuilder().setMaxWait(ZERO))))
                .isEqualTo(ErrorReason.ERROR_REASON_NO_LEADER);
        assertThat(reason(() ->
                        get("a", ReadOptions.newBuilder().setMaxStaleness(ZERO).setMaxWait(ZERO))))
                .isEqualTo(ErrorReason.ERROR_REASON_TOO_STALE);
        GetResponse served =
                get("a", ReadOptions.newBuilder().setMaxWait(ZERO).setWhenUnmet(WhenUnmet.WHEN_UNMET_SERVE));
        assertThat(served.getRow().getValue().getText()).isEqualTo("1");
        assertThat(served.getHeader().getUnmet().getAskedStrength()).isEqualTo(Strength.STRENGTH_LINEARIZABLE);
    }

    @Test
    void shouldSayWhichHorizonHasPassed() {
        rig.data().put("a", "1");
        rig.data().put("a", "2");
        rig.data().passSeconds(1_000);
        rig.data().put("a", "3");
        ErrorStatus passed = error(() -> get("a", ReadOptions.newBuilder().setAsOfIndex(1)));
        assertThat(passed.reason()).isEqualTo(ErrorReason.ERROR_REASON_HORIZON_PASSED);
        assertThat(passed.detail(HorizonPassed.class).orElseThrow().getClusterHorizon())
                .isEqualTo(2);
    }

    @Test
    void shouldProbe() {
        rig.data().put("a", "1");
        ResponseHeader header =
                rig.keyValue().probe(ProbeRequest.getDefaultInstance()).getHeader();
        assertThat(header.getReadIndex()).isEqualTo(1);
        assertThat(header.hasStaleness()).isTrue();
        rig.loseLeader();
        assertThat(reason(() -> rig.keyValue()
                        .probe(ProbeRequest.newBuilder().setMaxWait(ZERO).build())))
                .isEqualTo(ErrorReason.ERROR_REASON_NO_LEADER);
        assertThat(rig.keyValue()
                        .probe(ProbeRequest.newBuilder()
                                .setMaxStaleness(Duration.newBuilder().setSeconds(1000))
                                .build())
                        .getHeader()
                        .getReadIndex())
                .isEqualTo(1);
    }

    @Test
    void shouldReadManyRowsAtOneIndexWithinTheBoundOfAnAnswer(@TempDir Path other) {
        RequestLimits small = limits(100_000, 5);
        try (ServiceRig bounded = new ServiceRig(other, small)) {
            for (int i = 0; i < 4; i++) {
                bounded.data().put("t", "k" + i, ByteString.copyFrom(new byte[40_000]), "image/png");
            }
            BatchGetRequest request = keys("k0", "none", "k1", "k2", "k3");
            BatchGetResponse answer = bounded.keyValue().batchGet(request);
            assertThat(answer.getSerializedSize()).isLessThan(100_000);
            assertThat(answer.getResultsList()).hasSize(3);
            assertThat(answer.getResults(1).hasRow()).isFalse();
            assertThat(answer.getHeader().getReadIndex()).isEqualTo(4);
            ErrorStatus tooMany = error(() -> bounded.keyValue().batchGet(keys("a", "b", "c", "d", "e", "f")));
            assertThat(tooMany.reason()).isEqualTo(ErrorReason.ERROR_REASON_TOO_LARGE);
            assertThat(tooMany.metadata()).containsEntry("size", "6").containsEntry("limit", "5");
            ErrorStatus fields = error(() -> bounded.keyValue()
                    .batchGet(BatchGetRequest.newBuilder()
                            .addKeys(RowKey.newBuilder().setTable("t"))
                            .addKeys(RowKey.newBuilder().setKey("a"))
                            .build()));
            assertThat(fields.detail(BadRequest.class).orElseThrow().getFieldViolationsList())
                    .extracting(BadRequest.FieldViolation::getField)
                    .containsExactly("keys[0].key", "keys[1].table");
        }
    }

    static RequestLimits limits(long answerBytes, int batchKeys) {
        RequestLimits all = RequestLimits.defaults();
        return new RequestLimits(
                all.maxRequestBytes(),
                answerBytes,
                batchKeys,
                all.maxBatchWrites(),
                all.defaultPageSize(),
                all.maxPageSize(),
                all.maxWatchFilters(),
                all.maxReadWait(),
                2_000,
                all.maxStreams(),
                all.maxStreamStall(),
                all.maxTopologyWatches(),
                all.maxScanPin());
    }

    private static BatchGetRequest keys(String... keys) {
        BatchGetRequest.Builder request = BatchGetRequest.newBuilder();
        for (String key : keys) {
            request.addKeys(RowKey.newBuilder().setTable("t").setKey(key));
        }
        return request.build();
    }

    private ScanResponse scan(String token, int pageSize) {
        return rig.keyValue()
                .scan(ScanRequest.newBuilder()
                        .setTable("t")
                        .setPageSize(pageSize)
                        .setPageToken(token)
                        .build());
    }

    @Test
    void shouldScanPageByPageAtTheFirstPagesIndex() {
        rig.data().put("a", "1");
        rig.data().put("b", "2");
        rig.data().put("c", "3");
        ScanResponse first = scan("", 2);
        rig.data().put("d", "4");
        rig.data().delete("c");
        assertThat(first.getRowsList()).extracting(row -> row.getKey()).containsExactly("a", "b");
        ScanResponse second = scan(first.getNextPageToken(), 1);
        assertThat(second.getRowsList()).extracting(row -> row.getKey()).containsExactly("c");
        assertThat(second.hasNextPageToken()).isFalse();
        assertThat(second.getHeader().getReadIndex()).isEqualTo(3);
    }

    @Test
    void shouldRefusePageTokensThatAreNone() {
        rig.data().put("a", "1");
        rig.data().put("b", "2");
        String token = scan("", 1).getNextPageToken();
        char last = token.charAt(10);
        String tampered = token.substring(0, 10) + (last == 'A' ? 'B' : 'A') + token.substring(11);
        for (String bad : new String[] {"x", "!!", tampered, token.substring(1), token + "AAAA"}) {
            assertThat(reason(() -> scan(bad, 1))).isEqualTo(ErrorReason.ERROR_REASON_BAD_PAGE_TOKEN);
        }
        ScanRequest same =
                ScanRequest.newBuilder().setTable("t").setPageToken(token).build();
        assertThat(rig.keyValue().scan(same).getRowsCount()).isEqualTo(1);
        for (ScanRequest other : new ScanRequest[] {
            same.toBuilder().setTable("u").build(),
            same.toBuilder().setPrefix("b").build(),
            same.toBuilder().setEnd("null").build(),
            same.toBuilder().setOrder(Order.ORDER_DESCENDING).build(),
            same.toBuilder().setRowView(RowView.ROW_VIEW_METADATA).build(),
            same.toBuilder().setReadOptions(EVENTUAL).build(),
        }) {
            assertThat(reason(() -> rig.keyValue().scan(other))).isEqualTo(ErrorReason.ERROR_REASON_BAD_PAGE_TOKEN);
        }
    }

    @Test
    void shouldTellOfBugsNothingButAnIncident() {
        for (ErrorStatus bug : new ErrorStatus[] {
            error(() -> rig.keyValue().put(PutRequest.getDefaultInstance())),
            error(() -> rig.keyValue().watch(WatchRequest.getDefaultInstance()).hasNext())
        }) {
            assertThat(bug.reason()).isEqualTo(ErrorReason.ERROR_REASON_INTERNAL);
            assertThat(bug.message()).doesNotContain("planted");
        }
        assertThat(reason(() -> rig.keyValue().batchWrite(BatchWriteRequest.getDefaultInstance())))
                .isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
    }

    @Test
    void shouldForgetAReadWhoseCallerIsGone() throws Exception {
        rig.data().put("a", "1");
        Received<GetRequest, GetResponse> waiting = new Received<>();
        rig.keyValueAsync()
                .get(
                        GetRequest.newBuilder()
                                .setTable("t")
                                .setKey("a")
                                .setReadOptions(EVENTUAL.toBuilder().setMinIndex(5))
                                .build(),
                        waiting);
        while (rig.pendingTimers() == 0) {
            Thread.onSpinWait();
        }
        waiting.cancel();
        while (rig.pendingTimers() > 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    void shouldNameTheFileThatIsDamaged() throws Exception {
        for (int i = 0; i < 1_000; i++) {
            rig.data().put("k" + i, "v".repeat(200));
        }
        rig.data().store().checkpoint().join();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile)
                    .filter(file -> file.toFile().length() > 100_000)
                    .toList()) {
                damage(file);
            }
        }
        ErrorStatus damaged = error(
                () -> rig.keyValue().scan(ScanRequest.newBuilder().setTable("t").build()));
        assertThat(damaged.reason()).isEqualTo(ErrorReason.ERROR_REASON_CORRUPTION);
        assertThat(damaged.metadata()).containsKey("file");
    }

    private static void damage(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (long at = 20_000; at < channel.size(); at += 1_000) {
                channel.write(ByteBuffer.wrap(new byte[] {0x55, 0x55, 0x55, 0x55}), at);
            }
        }
    }
}
