// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.service;

import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.api.ShardHash;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.server.call.Calls;
import io.tidemark.server.call.Headers;
import io.tidemark.server.call.UnaryAnswer;
import io.tidemark.server.call.Workers;
import io.tidemark.server.read.Admission;
import io.tidemark.server.read.LocalState;
import io.tidemark.server.read.ReadAsks;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreView;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets reads in, waits until what they ask of freshness holds, and answers them: short ones on the thread that received the call,
 * or that brought what they waited for, long ones on workers.
 */
final class Reads {

    private final Supplier<LocalState> state;
    private final Headers headers;
    private final RequestLimits limits;
    private final Workers workers;

    Reads(Supplier<LocalState> state, Headers headers, RequestLimits limits, Workers workers) {
        this.state = state;
        this.headers = headers;
        this.limits = limits;
        this.workers = workers;
    }

    /** How long a read will take. */
    enum Length {
        SHORT,
        LONG
    }

    /** A state that a read was let in to. */
    record Reading(Store store, Admission admission, Headers headers, BooleanSupplier abandoned) {

        StoreView view() {
            return admission.view();
        }

        /** To be asked for when all has been read. */
        ResponseHeader header() {
            return headers.ofRead(
                    store,
                    view(),
                    admission.staleness().orElse(null),
                    admission.unmet().orElse(null));
        }

        /** Refuses a row of a shard that is not here. */
        void requireShard(String table, String key) {
            if (!isWhole() && !view().isReadable(ShardHash.shardOf(table, key, store.shardCount()))) {
                throw shardUnavailable("the shard of " + table + "/" + key + " is");
            }
        }

        /** Refuses a read of all shards unless all are here. */
        void requireAllShards() {
            if (!isWhole()) {
                throw shardUnavailable("some shards are");
            }
        }

        private boolean isWhole() {
            return view().readable().count() == store.shardCount();
        }

        private RuntimeException shardUnavailable(String which) {
            return ErrorStatus.of(
                            ErrorReason.ERROR_REASON_SHARD_UNAVAILABLE,
                            which + " not served here as of index " + view().index() + "; ask another server")
                    .with(ErrorMetadata.READ_INDEX, view().index())
                    .toException();
        }
    }

    /** What a read does with the state. */
    interface Work<T> {
        T answer(Reading reading);
    }

    LocalState local() {
        return state.get();
    }

    /**
     * Answers one call. What is thrown, here or by the work, is its error.
     *
     * <p>A read whose bound passes while it is read, because that takes long or the process stands still, is read once more;
     * then it fails.
     */
    <T> void answer(LocalState local, StreamObserver<T> caller, ReadOptions options, Length length, Work<T> work) {
        new Call<>(local, UnaryAnswer.to(caller), options, length, work, Context.current()).attempt(true);
    }

    /** One call to be answered. */
    private final class Call<T> {
        private final LocalState local;
        private final UnaryAnswer<T> answer;
        private final ReadOptions options;
        private final Length length;
        private final Work<T> work;
        private final Context context;
        private volatile CompletableFuture<Admission> waiting = new CompletableFuture<>();

        Call(
                LocalState local,
                UnaryAnswer<T> answer,
                ReadOptions options,
                Length length,
                Work<T> work,
                Context context) {
            this.local = local;
            this.answer = answer;
            this.options = options;
            this.length = length;
            this.work = work;
            this.context = context;
        }

        void attempt(boolean first) {
            CompletableFuture<Admission> admitted = admit(local, options);
            waiting = admitted;
            // Later the caller cannot be listened to; then it is found to have gone when the answer is ready.
            if (first && !admitted.isDone()) {
                answer.onCancel(() -> waiting.cancel(false));
            }
            listen(admitted, (admission, failure) -> {
                if (failure != null || admission == null) {
                    answer.fail(failure == null ? new IllegalStateException("no admission") : failure);
                    return;
                }
                if (length == Length.SHORT) {
                    finish(admission, first);
                    return;
                }
                try {
                    workers.begin(() -> finish(admission, first));
                } catch (RuntimeException refused) {
                    admission.close();
                    answer.fail(refused);
                }
            });
        }

        private void finish(Admission admission, boolean first) {
            try (admission) {
                if (answer.isCancelled()) {
                    return;
                }
                T done = work.answer(new Reading(local.store(), admission, headers, answer::isCancelled));
                Optional<StatusRuntimeException> tooLate = admission.tooLate();
                if (tooLate.isEmpty()) {
                    answer.succeed(done);
                } else if (first) {
                    // With the deadline that the call came with.
                    context.run(() -> attempt(false));
                } else {
                    answer.fail(tooLate.get());
                }
            } catch (RuntimeException | Error e) {
                answer.fail(e);
            }
        }
    }

    CompletableFuture<Admission> admit(LocalState local, ReadOptions options) {
        return local.gate()
                .admit(ReadAsks.of(options, local.store().history(), Calls.untilDeadline(), limits.maxReadWait()));
    }

    @SuppressWarnings("FutureReturnValueIgnored") // listeners here do not throw
    static <T> void listen(
            CompletableFuture<T> future, BiConsumer<? super @Nullable T, ? super @Nullable Throwable> listener) {
        future.whenComplete(listener);
    }
}
