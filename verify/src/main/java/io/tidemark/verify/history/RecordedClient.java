// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.CommitOutcome;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.ConditionFailed;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.Existence;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.IncrementMutation;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.RowCondition;
import io.tidemark.proto.v1.Strength;
import io.tidemark.proto.v1.Value;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.proto.v1.WriteOptions;
import io.tidemark.verify.history.Action.Increment;
import io.tidemark.verify.history.Action.Put;
import io.tidemark.verify.history.Action.PutIf;
import io.tidemark.verify.history.Action.Read;
import io.tidemark.verify.history.Outcome.Failed;
import io.tidemark.verify.history.Outcome.Found;
import io.tidemark.verify.history.Outcome.Refused;
import io.tidemark.verify.history.Outcome.Seen;
import io.tidemark.verify.history.Outcome.Unknown;
import io.tidemark.verify.history.Outcome.Written;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A client as the contract wants one: it sends a write again, with the same request id, at one server after the other, until
 * it knows the outcome or has no patience left. Belongs to one thread; the newest index is shared with others.
 */
final class RecordedClient {

    private static final long PAUSE_MILLIS = 20;

    private final int number;
    private final List<? extends Channel> servers;
    private final Target target;
    private final Duration attemptTimeout;
    private final Duration patience;
    private int server;

    /**
     * What all clients of a history have in common.
     *
     * @param newestIndex the newest index that any of them knows
     */
    record Target(String historyId, AtomicLong newestIndex) {}

    RecordedClient(
            int number, List<? extends Channel> servers, Target target, Duration attemptTimeout, Duration patience) {
        this.number = number;
        this.servers = List.copyOf(servers);
        this.target = target;
        this.attemptTimeout = attemptTimeout;
        this.patience = patience;
        this.server = number % servers.size();
    }

    /** Does it, however long that takes, and says how it ended. */
    Operation perform(long id, Action action) throws InterruptedException {
        WriteOptions write = WriteOptions.newBuilder()
                .setRequestId(UUID.randomUUID().toString())
                .setFirstSentIndex(target.newestIndex().get())
                .setHistoryId(target.historyId())
                .build();
        long start = System.nanoTime();
        Outcome outcome = outcomeOf(action, write, start + patience.toNanos());
        return new Operation(id, number, action, start, System.nanoTime(), outcome);
    }

    private Outcome outcomeOf(Action action, WriteOptions write, long deadline) throws InterruptedException {
        boolean open = false;
        while (true) {
            StatusRuntimeException failure;
            try {
                Outcome outcome = attempt(action, write);
                note(outcome);
                return outcome;
            } catch (StatusRuntimeException e) {
                failure = e;
            }
            Optional<ErrorReason> reason = ErrorStatus.from(failure).map(ErrorStatus::reason);
            if (reason.equals(Optional.of(ErrorReason.ERROR_REASON_CONDITION_FAILED))) {
                return new Refused(ErrorStatus.from(failure)
                        .flatMap(error -> error.detail(ConditionFailed.class))
                        .map(ConditionFailed::getEvaluatedIndex)
                        .orElse(0L));
            }
            boolean isRead = action instanceof Read;
            // An error speaks for its own attempt: once one is open, only an answer settles the write.
            open |= !isRead && ErrorStatus.leavesOutcomeUnknown(failure);
            String text = reason.map(Enum::name)
                    .orElse("grpc " + Status.fromThrowable(failure).getCode());
            if (reason.equals(Optional.of(ErrorReason.ERROR_REASON_REQUEST_ID_EXPIRED))
                    || System.nanoTime() - deadline >= 0) {
                return open ? new Unknown(text) : new Failed(text);
            }
            server = (server + 1) % servers.size();
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        }
    }

    private void note(Outcome outcome) {
        if (outcome instanceof Written written) {
            target.newestIndex().accumulateAndGet(written.index(), Math::max);
        } else if (outcome instanceof Seen seen) {
            target.newestIndex().accumulateAndGet(seen.index(), Math::max);
        }
    }

    private Outcome attempt(Action action, WriteOptions write) {
        KeyValueGrpc.KeyValueBlockingStub stub = KeyValueGrpc.newBlockingStub(servers.get(server))
                .withDeadlineAfter(attemptTimeout.toNanos(), TimeUnit.NANOSECONDS);
        if (action instanceof Put put) {
            return put(stub, RowName.parse(put.key()), put.value(), null, write);
        }
        if (action instanceof PutIf put) {
            RowCondition condition = put.version() == 0
                    ? RowCondition.newBuilder()
                            .setExistence(Existence.EXISTENCE_ABSENT)
                            .build()
                    : RowCondition.newBuilder().setVersion(put.version()).build();
            return put(stub, RowName.parse(put.key()), put.value(), condition, write);
        }
        if (action instanceof Increment increment) {
            return increment(stub, increment, write);
        }
        return read(stub, RowName.parse(action.key()));
    }

    private Outcome put(
            KeyValueGrpc.KeyValueBlockingStub stub,
            RowName row,
            String value,
            @Nullable RowCondition condition,
            WriteOptions write) {
        PutRequest.Builder request = PutRequest.newBuilder()
                .setTable(row.table())
                .setKey(row.key())
                .setValue(value(value))
                .setWriteOptions(write);
        if (condition != null) {
            request.setCondition(condition);
        }
        PutResponse response = stub.put(request.build());
        return new Written(response.getIndex(), response.getRow().getVersion());
    }

    private Outcome increment(KeyValueGrpc.KeyValueBlockingStub stub, Increment increment, WriteOptions write) {
        RowName counter = RowName.parse(increment.key());
        RowName marker = RowName.parse(increment.marker());
        CommitResponse response = stub.commit(CommitRequest.newBuilder()
                .addMutations(Mutation.newBuilder()
                        .setTable(counter.table())
                        .setIncrement(IncrementMutation.newBuilder()
                                .setKey(counter.key())
                                .setDelta(1)))
                .addMutations(Mutation.newBuilder()
                        .setTable(marker.table())
                        .setPut(PutMutation.newBuilder().setKey(marker.key()).setValue(value(increment.value()))))
                .setWriteOptions(write)
                .build());
        if (response.getOutcome() != CommitOutcome.COMMIT_OUTCOME_COMMITTED) {
            throw new IllegalStateException("a commit without a condition ended so: " + response);
        }
        return new Written(response.getIndex(), response.getResults(0).getRow().getVersion());
    }

    private Outcome read(KeyValueGrpc.KeyValueBlockingStub stub, RowName row) {
        GetResponse response = stub.get(GetRequest.newBuilder()
                .setTable(row.table())
                .setKey(row.key())
                .setValueForm(ValueForm.VALUE_FORM_BYTES)
                .setReadOptions(ReadOptions.newBuilder()
                        .setStrength(Strength.STRENGTH_LINEARIZABLE)
                        .setHistoryId(target.historyId()))
                .build());
        return new Seen(
                response.getHeader().getReadIndex(),
                response.hasRow() ? Optional.of(found(response.getRow())) : Optional.empty());
    }

    private static Value.Builder value(String value) {
        return Value.newBuilder().setBytes(ByteString.copyFromUtf8(value));
    }

    static Found found(Row row) {
        return new Found(row.getValue().getBytes().toStringUtf8(), row.getVersion(), row.getModifiedIndex());
    }
}
