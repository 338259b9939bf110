// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.grpc.MethodDescriptor;
import io.tidemark.client.internal.time.Timers;
import io.tidemark.proto.v1.BatchGetResponse;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.Limits;
import io.tidemark.proto.v1.RowKey;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.WriteOptions;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Sends each call to the server that should answer it, again elsewhere where that is safe, until one does or its deadline is
 * there. Joins calls that may travel together. For any thread; nothing here blocks but where the limit on what is under way says
 * so. Each failure is an {@code io.tidemark.client.TidemarkException}; futures are completed on the dispatcher's own threads, on
 * which nothing may block.
 */
public interface Dispatcher extends AutoCloseable {

    /** Now, on the clock of every deadline and every {@link Answer#sentNanos}. */
    long nanoTime();

    /** Timers by {@link #nanoTime}. They end with the dispatcher. */
    Timers timers();

    /** One row. */
    CompletableFuture<Answer<GetResponse>> get(String table, String key, ReadAsk ask, RowView view, CallContext call);

    /** Many rows as of one index, whoever serves them and however large the answer: results stand in the order of the keys. */
    CompletableFuture<Answer<BatchGetResponse>> batchGet(
            List<RowKey> keys, ReadAsk ask, RowView view, CallContext call);

    /**
     * A write. Its request id and what goes with it ({@code WriteOptions}) are put in here, the same in every attempt, so that it is
     * applied once however often it is sent; those that are there already stay.
     */
    CompletableFuture<Answer<CommitResponse>> commit(CommitRequest request, CallContext call);

    /**
     * A write that is no commit: sent, judged and ended like one, but by itself. Its request must carry the options that it is made of.
     *
     * @param options what is in these already stays, as in {@link #commit}; all else is put in here
     * @param request what to send with these options; asked again whenever they change, on any thread
     */
    <Q, A> CompletableFuture<Answer<A>> write(
            MethodDescriptor<Q, A> method, WriteOptions options, Function<WriteOptions, Q> request, CallContext call);

    /** Any other call that may be sent again without harm, as it is: a read. */
    <Q, A> CompletableFuture<Answer<A>> call(MethodDescriptor<Q, A> method, Q request, Target target, CallContext call);

    /**
     * One attempt at a call that is answered by a stream. Whoever began it decides what to do when it ends.
     *
     * @param aside addresses of servers that are asked only if nobody else is known: they failed already
     * @param request what to send to the server that was chosen; it may depend on which shards that one serves
     */
    <Q, A> StreamHandle stream(
            MethodDescriptor<Q, A> method,
            Function<Peer, Q> request,
            Target target,
            Collection<String> aside,
            CallContext call,
            StreamReceiver<A> receiver);

    /** The newest topology that is known; empty before the first server has answered. */
    Optional<Topology> topology();

    /** Tells of every newer topology, now and later, on a thread of the dispatcher, until the handle is closed. */
    Subscription onTopology(Consumer<Topology> listener);

    /** What the servers allow, once one has said so. */
    CompletableFuture<Limits> limits(CallContext call);

    /**
     * Ends every call at once, with a {@code ClosedException}, and every connection. A write that may have been received is open: its end
     * is an {@code OutcomeUnknownException}.
     */
    @Override
    void close();

    /**
     * A server, as far as whoever asks it must know.
     *
     * @param ownsAll whether it serves every shard, as far as is known
     */
    record Peer(String address, boolean ownsAll) {}

    /** A stream under way. */
    interface StreamHandle {

        /** Takes so many more messages. None comes before it was asked for. */
        void request(int messages);

        /** Ends it. The receiver hears no more. */
        void cancel();

        /** Ends it because nothing comes that should: like {@link #cancel}, and others are asked first for a while. */
        void giveUp();
    }

    /** What comes of a stream, one after the other, on a thread of the dispatcher. */
    interface StreamReceiver<A> {

        /**
         * One message.
         *
         * @param sentNanos when the call was sent
         */
        void received(A message, Peer from, long sentNanos);

        /** The server ended it. */
        void ended();

        /**
         * It broke off.
         *
         * @param failure an {@code io.tidemark.client.TidemarkException}, by the one mapping that every call uses
         */
        void failed(Throwable failure);
    }

    /** Something that goes on until it is closed. */
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }
}
