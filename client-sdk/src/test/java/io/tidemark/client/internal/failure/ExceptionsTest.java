// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.failure;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorReasons;
import io.tidemark.api.ErrorStatus;
import io.tidemark.client.HorizonPassedException;
import io.tidemark.client.OutcomeUnknownException;
import io.tidemark.client.OverloadedException;
import io.tidemark.client.TidemarkException;
import io.tidemark.client.TooStaleException;
import io.tidemark.client.Unmet;
import io.tidemark.proto.v1.Behind;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.HorizonPassed;
import io.tidemark.proto.v1.TooStale;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExceptionsTest {

    private static AttemptFailure failure(ErrorStatus.Builder error) {
        StatusRuntimeException thrown = error.toException();
        Metadata trailers = thrown.getTrailers();
        return AttemptFailure.of(thrown.getStatus(), trailers, true);
    }

    @ParameterizedTest
    @EnumSource(
            names = {"ERROR_REASON_UNSPECIFIED", "UNRECOGNIZED"},
            mode = EnumSource.Mode.EXCLUDE)
    void shouldKeepReasonAndMetadataOfEveryError(ErrorReason reason) {
        AttemptFailure failure =
                failure(ErrorStatus.of(reason, "as the test says").with("table", "users"));
        TidemarkException made = Exceptions.of("get", failure, List.of());
        assertThat(made.reason()).isEqualTo(ErrorReasons.nameOf(reason));
        assertThat(made.metadata()).containsEntry("table", "users");
        assertThat(made).hasMessage("get: as the test says");
        // Of what leaves no write open, nothing may say that it does.
        boolean saysOpen = made instanceof OutcomeUnknownException;
        assertThat(saysOpen && !failure.leavesOpen()).isFalse();
        assertThat(failure.leavesOpen()).isEqualTo(ErrorReasons.leavesOutcomeUnknown(reason));
    }

    @Test
    void shouldTakeNoOnesWordForWhatWasNeverSent() {
        AttemptFailure unsent = AttemptFailure.of(Status.UNAVAILABLE, null, false);
        assertThat(unsent.leavesOpen()).isFalse();
        assertThat(unsent.costsServers()).isFalse();
        assertThat(AttemptFailure.of(Status.UNAVAILABLE, null, true).leavesOpen())
                .isTrue();
        assertThat(AttemptFailure.of(Status.INVALID_ARGUMENT, null, true).leavesOpen())
                .isTrue();
    }

    @Test
    void shouldSayHowLongToWait() {
        AttemptFailure failure = failure(
                ErrorStatus.of(ErrorReason.ERROR_REASON_OVERLOADED, "full").withRetryDelay(Duration.ofMillis(70)));
        assertThat(((OverloadedException) Exceptions.of("put", failure, List.of())).retryAfter())
                .contains(Duration.ofMillis(70));
        assertThat(failure.verdict()).isEqualTo(Verdict.LATER);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 12, 41})
    void shouldNotTakeAServersHorizonForTheClusters(long cluster) {
        AttemptFailure failure = failure(ErrorStatus.of(ErrorReason.ERROR_REASON_HORIZON_PASSED, "gone")
                .withDetail(HorizonPassed.newBuilder()
                        .setAskedIndex(41)
                        .setServerHorizon(60)
                        .setClusterHorizon(cluster)
                        .build()));
        HorizonPassedException passed = (HorizonPassedException) Exceptions.of("watch", failure, List.of());
        assertThat(passed.clusterHorizon()).isEqualTo(cluster);
        assertThat(passed.askedIndex()).isEqualTo(41);
    }

    @Test
    void shouldSayWhatWasAskedAndWhatIsThere() {
        AttemptFailure failure = failure(ErrorStatus.of(ErrorReason.ERROR_REASON_TOO_STALE, "behind")
                .withDetail(TooStale.newBuilder()
                        .setUnmet(io.tidemark.proto.v1.Unmet.newBuilder()
                                .setBehind(Behind.BEHIND_APPLY)
                                .setAskedIndex(9)
                                .setActualIndex(7))
                        .build()));
        Unmet unmet = ((TooStaleException) Exceptions.of("get", failure, List.of())).unmet();
        assertThat(unmet.behind()).isEqualTo(Unmet.Behind.APPLY);
        assertThat(unmet.askedIndex()).isEqualTo(9);
        assertThat(unmet.actualIndex()).isEqualTo(7);
        assertThat(unmet.askedStaleness()).isNull();
    }
}
