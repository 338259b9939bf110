// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.call;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorStatus;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.ConditionFailed;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.FailedCondition;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.Value;
import io.tidemark.server.read.ReadAsks;
import io.tidemark.store.Refusal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class FailuresTest {

    private static final int TRAILER_BYTES = 8 * 1024;

    private static ErrorStatus told(Throwable failure) {
        return ErrorStatus.from(Failures.toStatus(failure)).orElseThrow();
    }

    @Test
    void shouldTellRefusalsAndErrorsOfOursAsTheyAre() {
        ErrorStatus refused = told(Refusal.ofField("key", "expected: a key").toException());
        assertThat(refused.reason()).isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
        StatusRuntimeException ours =
                ErrorStatus.of(ErrorReason.ERROR_REASON_STOPPING, "stopping").toException();
        assertThat(Failures.toStatus(new CompletionException(ours))).isSameAs(ours);
    }

    @Test
    void shouldTellOfABugNothingButAnIncident() {
        for (Throwable bug : new Throwable[] {
            new IllegalStateException("secret"),
            Status.UNAVAILABLE.withDescription("secret").asRuntimeException(),
            new AssertionError("secret")
        }) {
            ErrorStatus error = told(bug);
            assertThat(error.reason()).isEqualTo(ErrorReason.ERROR_REASON_INTERNAL);
            assertThat(error.message()).doesNotContain("secret");
            assertThat(error.metadata()).containsOnlyKeys("incident");
            assertThat(error.message()).contains(error.metadata().get("incident"));
        }
    }

    /** The longest names, a value of 1 KiB beside them, and all of it mentioned in the message. */
    @Test
    void shouldKeepTheLargestConditionFailedWithinATrailer() {
        String key = "\u00e9".repeat(512);
        Row row = Row.newBuilder()
                .setTable("t".repeat(64))
                .setKey(key)
                .setValue(Value.newBuilder()
                        .setBytes(ByteString.copyFrom(new byte[1024]))
                        .setContentType("c".repeat(255)))
                .setVersion(Long.MAX_VALUE)
                .setCreatedIndex(Long.MAX_VALUE)
                .setModifiedIndex(Long.MAX_VALUE)
                .build();
        ErrorStatus failed = ErrorStatus.of(
                        ErrorReason.ERROR_REASON_CONDITION_FAILED, "row " + row.getTable() + "/" + key + " is another")
                .with("key", key)
                .with("table", row.getTable())
                .withDetail(ConditionFailed.newBuilder()
                        .addFailedConditions(FailedCondition.newBuilder().setCurrentRow(row))
                        .setHistoryId("0123456789abcdef")
                        .setEvaluatedIndex(Long.MAX_VALUE)
                        .build())
                .build();
        StatusRuntimeException told = Failures.toStatus(failed.toException());
        assertThat(trailerBytes(told)).isLessThanOrEqualTo(TRAILER_BYTES);
        ErrorStatus error = ErrorStatus.from(told).orElseThrow();
        Row current = error.detail(ConditionFailed.class)
                .orElseThrow()
                .getFailedConditions(0)
                .getCurrentRow();
        assertThat(current.getKey()).isEqualTo(key);
        assertThat(current.hasValue()).isFalse();
        assertThat(current.getValueOmitted()).isTrue();
    }

    @Test
    void shouldCutWhatACallerMadeLong() {
        String tooLong = "x".repeat(1 << 20);
        try {
            ReadAsks.requireHistory(tooLong, new HistoryId("0123456789abcdef"));
        } catch (StatusRuntimeException e) {
            StatusRuntimeException told = Failures.toStatus(e);
            assertThat(trailerBytes(told)).isLessThanOrEqualTo(TRAILER_BYTES);
            assertThat(ErrorStatus.from(told).orElseThrow().reason())
                    .isEqualTo(ErrorReason.ERROR_REASON_HISTORY_CHANGED);
            return;
        }
        throw new AssertionError("another history was taken");
    }

    /** As HTTP/2 counts header lists: names, values and 32 bytes for each. */
    private static int trailerBytes(StatusRuntimeException error) {
        Metadata trailers = error.getTrailers() == null ? new Metadata() : error.getTrailers();
        int bytes = 2 * 40;
        for (String name : trailers.keys()) {
            byte[] value = trailers.get(Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER));
            bytes += name.length() + 32 + (value == null ? 0 : (value.length + 2) / 3 * 4);
        }
        String message = String.valueOf(error.getStatus().getDescription());
        for (byte b : message.getBytes(StandardCharsets.UTF_8)) {
            bytes += b >= ' ' && b <= '~' && b != '%' ? 1 : 3;
        }
        return bytes;
    }

    @Test
    void shouldRoundStalenessUpAndNeverToZero() {
        assertThat(Headers.roundedUp(Duration.ZERO)).isEqualTo(proto(0, 1_000));
        assertThat(Headers.roundedUp(Duration.ofNanos(1_001))).isEqualTo(proto(0, 2_000));
        assertThat(Headers.roundedUp(Duration.ofNanos(1_999_999_999))).isEqualTo(proto(2, 0));
    }

    private static com.google.protobuf.Duration proto(long seconds, int nanos) {
        return com.google.protobuf.Duration.newBuilder()
                .setSeconds(seconds)
                .setNanos(nanos)
                .build();
    }
}
