// SPDX-License-Identifier: Apache-2.0
package io.tidemark.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo.Location;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.HorizonPassed;
import io.tidemark.proto.v1.NotLeader;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ErrorStatusTest {

    @Test
    void shouldArriveAsItWasSent() {
        HorizonPassed detail = HorizonPassed.newBuilder()
                .setAskedIndex(3)
                .setServerHorizon(10)
                .setClusterHorizon(8)
                .setServedBy("r1")
                .build();
        StatusRuntimeException thrown = ErrorStatus.of(
                        ErrorReason.ERROR_REASON_HORIZON_PASSED,
                        "index 3 is below the horizon 10 of r1: read a newer index")
                .with("index", 3)
                .with("horizon", 10)
                .withRetryDelay(Duration.ofMillis(1500))
                .withDetail(detail)
                .toException();

        ErrorStatus received = ErrorStatus.from(thrown).orElseThrow();

        assertThat(thrown.getStatus().getCode()).isEqualTo(Status.Code.OUT_OF_RANGE);
        assertThat(received.reason()).isEqualTo(ErrorReason.ERROR_REASON_HORIZON_PASSED);
        assertThat(received.message()).isEqualTo("index 3 is below the horizon 10 of r1: read a newer index");
        assertThat(received.metadata()).isEqualTo(Map.of("index", "3", "horizon", "10"));
        assertThat(received.retryDelay()).contains(Duration.ofMillis(1500));
        assertThat(received.detail(HorizonPassed.class)).contains(detail);
        assertThat(received.detail(NotLeader.class)).isEmpty();
        assertThat(received).hasToString("HORIZON_PASSED: " + received.message());
    }

    @Test
    void shouldNameEveryFieldThatIsWrong() {
        ErrorStatus status = ErrorStatus.of(ErrorReason.ERROR_REASON_INVALID_FIELD, "two fields are wrong")
                .withField("table", "table: 'X' (expected: [a-z][a-z0-9_-]{0,63})")
                .withField("key", "key: empty (expected: 1 to 1024 bytes)")
                .build();

        assertThat(status.detail(BadRequest.class).orElseThrow().getFieldViolationsList())
                .extracting(BadRequest.FieldViolation::getField)
                .containsExactly("table", "key");
    }

    @Test
    void shouldSayNothingOfFailuresThatAreNotOurs() {
        assertThat(ErrorStatus.from(
                        Status.UNAVAILABLE.withDescription("io exception").asRuntimeException()))
                .isEmpty();
        assertThat(ErrorStatus.from(new IllegalStateException("x"))).isEmpty();
    }

    @Test
    void shouldSayNothingOfAReasonThatANewerServerMayKnow() {
        assertThat(ErrorReasons.byName("FROM_THE_FUTURE")).isEmpty();
        assertThat(ErrorReasons.byName("UNSPECIFIED")).isEmpty();
    }

    @Test
    void shouldNotBeBuiltWithoutAReason() {
        assertThatThrownBy(() -> ErrorStatus.of(ErrorReason.ERROR_REASON_UNSPECIFIED, "x"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @EnumSource(
            value = ErrorReason.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"ERROR_REASON_UNSPECIFIED", "UNRECOGNIZED"})
    void shouldHaveTheCodeThatItsCommentInTheContractNames(ErrorReason reason) {
        String comment = commentOf(reason);

        assertThat(comment)
                .as("first word of the comment of %s", reason)
                .startsWith(ErrorReasons.codeOf(reason).name());
        assertThat(ErrorReasons.byName(ErrorReasons.nameOf(reason))).contains(reason);
        assertThat(ErrorReasons.leavesOutcomeUnknown(reason))
                .as("only reasons whose comment says so leave the outcome open")
                .isEqualTo(comment.replaceAll("\\s+", " ").contains("outcome is open"));
    }

    @Test
    void shouldLeaveTheOutcomeOpenWhereNobodyPromisedOtherwise() {
        assertThat(ErrorStatus.leavesOutcomeUnknown(Status.INVALID_ARGUMENT.asRuntimeException()))
                .as("a failure without our ErrorInfo, whatever its code")
                .isTrue();
        assertThat(ErrorStatus.leavesOutcomeUnknown(new IllegalStateException("x")))
                .isTrue();
        assertThat(ErrorStatus.leavesOutcomeUnknown(ofReason("tidemark", "FROM_THE_FUTURE")))
                .isTrue();
        assertThat(ErrorStatus.leavesOutcomeUnknown(ofReason("proxy.example", "TOO_LARGE")))
                .isTrue();
        assertThat(ErrorStatus.leavesOutcomeUnknown(ofReason("tidemark", "INTERNAL")))
                .isTrue();
        assertThat(ErrorStatus.leavesOutcomeUnknown(ofReason("tidemark", "TOO_LARGE")))
                .isFalse();
        assertThat(ErrorStatus.leavesOutcomeUnknown(
                        ErrorStatus.of(ErrorReason.ERROR_REASON_OVERLOADED, "a queue is full")
                                .toException()))
                .isFalse();
    }

    private static com.google.rpc.Status ofReason(String domain, String reason) {
        return com.google.rpc.Status.newBuilder()
                .addDetails(Any.pack(ErrorInfo.newBuilder()
                        .setDomain(domain)
                        .setReason(reason)
                        .build()))
                .build();
    }

    private static String commentOf(ErrorReason reason) {
        FileDescriptorProto file = Contract.descriptorSet().getFileList().stream()
                .filter(f -> f.getName().equals("tidemark/v1/errors.proto"))
                .findFirst()
                .orElseThrow();
        int value = reason.getValueDescriptor().getIndex();
        return file.getSourceCodeInfo().getLocationList().stream()
                // Field 5 of a file is its enums, field 2 of an enum its values.
                .filter(l -> l.getPathList().equals(List.of(5, 0, 2, value)))
                .map(Location::getLeadingComments)
                .findFirst()
                .orElseThrow()
                .strip();
    }
}
