// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.call;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorReasons;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.HorizonPassed;
import io.tidemark.store.RefusedException;
import io.tidemark.store.engine.CorruptionException;
import io.tidemark.store.engine.EngineClosedException;
import io.tidemark.store.engine.HorizonPassedException;
import io.tidemark.store.state.BelowHorizonException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns whatever went wrong into what the caller is told. */
public final class Failures {

    private static final Logger log = LoggerFactory.getLogger(Failures.class);

    private Failures() {}

    /**
     * What the caller is told: an error of ours as it is, a refusal as its status, damage and history that is gone as such. Anything else is a bug; it is
     * logged with its stack trace under an incident id, and the caller is told that id alone. Small enough for a trailer.
     */
    public static StatusRuntimeException toStatus(Throwable failure) {
        Throwable cause = unwrapped(failure);
        com.google.rpc.Status told;
        if (cause instanceof RefusedException refused) {
            told = refused.refusal().status().toProto();
        } else if (cause instanceof CorruptionException damage) {
            told = corruption(damage);
        } else if (cause instanceof BelowHorizonException below) {
            told = horizonPassed(below);
        } else if (cause instanceof HorizonPassedException) {
            told = horizonPassed();
        } else if (cause instanceof EngineClosedException) {
            told = ErrorStatus.of(
                            ErrorReason.ERROR_REASON_STOPPING,
                            "this server's store is closed, or another one takes its place: ask again, or another server")
                    .build()
                    .toProto();
        } else {
            com.google.rpc.Status status = StatusProto.fromThrowable(cause);
            if (status == null || !isOurs(status)) {
                return incident(cause);
            }
            if (SmallStatus.fits(status) && cause instanceof StatusRuntimeException asItIs) {
                return asItIs;
            }
            told = status;
        }
        return StatusProto.toStatusRuntimeException(SmallStatus.of(told));
    }

    /** What a future's failure is about. */
    public static Throwable unwrapped(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** A reason that is not known here, of a newer server that this one asked, is still ours. */
    private static boolean isOurs(com.google.rpc.Status status) {
        for (Any detail : status.getDetailsList()) {
            if (detail.is(ErrorInfo.class)) {
                try {
                    return detail.unpack(ErrorInfo.class).getDomain().equals(ErrorReasons.DOMAIN);
                } catch (InvalidProtocolBufferException e) {
                    return false;
                }
            }
        }
        return false;
    }

    private static com.google.rpc.Status corruption(CorruptionException damage) {
        log.error("damaged file={} offset={}", damage.file(), damage.offset(), damage);
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_CORRUPTION,
                        "file " + damage.file()
                                + " of this server does not hold what was written to it; ask another server")
                .with(ErrorMetadata.FILE, damage.file())
                .with(ErrorMetadata.OFFSET, damage.offset())
                .build()
                .toProto();
    }

    private static com.google.rpc.Status horizonPassed(BelowHorizonException below) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_HORIZON_PASSED,
                        "index " + below.index() + " is no longer kept by this server, whose oldest is "
                                + below.horizon() + "; read a newer one, or ask another server")
                .with(ErrorMetadata.ASKED, below.index())
                .with(ErrorMetadata.SERVER_HORIZON, below.horizon())
                .withDetail(HorizonPassed.newBuilder()
                        .setAskedIndex(below.index())
                        .setServerHorizon(below.horizon())
                        .build())
                .build()
                .toProto();
    }

    /** The engine counts otherwise than callers do, so its numbers would only mislead. */
    private static com.google.rpc.Status horizonPassed() {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_HORIZON_PASSED,
                        "the state asked for went out of this server's history while it was read; read a newer one,"
                                + " or ask another server")
                .withDetail(HorizonPassed.getDefaultInstance())
                .build()
                .toProto();
    }

    private static StatusRuntimeException incident(Throwable cause) {
        String incident = Long.toHexString(ThreadLocalRandom.current().nextLong() | Long.MIN_VALUE);
        log.error("incident={}: a call failed", incident, cause);
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_INTERNAL,
                        "this server failed in a way it should not; its log says more under incident " + incident)
                .with(ErrorMetadata.INCIDENT, incident)
                .toException();
    }
}
