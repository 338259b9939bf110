// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.stream;

import io.grpc.MethodDescriptor;
import io.tidemark.client.ClosedException;
import io.tidemark.client.Failure;
import io.tidemark.client.TidemarkException;
import io.tidemark.client.UnavailableException;
import io.tidemark.client.internal.dispatch.Answer;
import io.tidemark.client.internal.dispatch.CallContext;
import io.tidemark.client.internal.dispatch.Dispatcher;
import io.tidemark.client.internal.dispatch.ReadAsk;
import io.tidemark.client.internal.dispatch.Target;
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
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;

/** Servers that a test speaks for. Streams are kept as they are begun; other calls are answered by a function. */
public final class FakeDispatcher implements Dispatcher {

    public final ManualTime time = new ManualTime();
    public final List<FakeStream<?, ?>> streams = new CopyOnWriteArrayList<>();
    private volatile BiFunction<Object, Target, Object> calls = (request, target) -> {
        throw new UnsupportedOperationException();
    };
    private volatile Consumer<FakeStream<?, ?>> ready = stream -> {};
    private volatile int servers = Integer.MAX_VALUE;
    private volatile boolean closed;

    /** How many servers there are, of which each stream has the next. */
    public void servers(int count) {
        servers = count;
    }

    /** Calls whenever a stream was asked for messages. */
    public void onReady(Consumer<FakeStream<?, ?>> listener) {
        ready = listener;
    }

    /** What streams need of a client, with pauses of 100 ms to 1 s. */
    public StreamServices services(ExecutorService callers) {
        return new StreamServices(
                this,
                callers,
                new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1), () -> 0.5),
                Duration.ofSeconds(1),
                new OpenStreams());
    }

    /** The same, where nobody is called. */
    public StreamServices services() {
        return services(Executors.newSingleThreadExecutor(task -> {
            throw new AssertionError("nobody is to be called");
        }));
    }

    /** Answers what is no stream. */
    public void answer(BiFunction<Object, Target, Object> answers) {
        calls = answers;
    }

    /** The stream that was begun last. */
    @SuppressWarnings("unchecked")
    public <Q, A> FakeStream<Q, A> last() {
        return (FakeStream<Q, A>) streams.get(streams.size() - 1);
    }

    /** Streams that neither side has ended. */
    public long open() {
        return streams.stream().filter(FakeStream::isOpen).count();
    }

    @Override
    public long nanoTime() {
        return time.nanoTime();
    }

    @Override
    public Timers timers() {
        return time;
    }

    @Override
    public <Q, A> StreamHandle stream(
            MethodDescriptor<Q, A> method,
            Function<Peer, Q> request,
            Target target,
            Collection<String> aside,
            CallContext call,
            StreamReceiver<A> receiver) {
        Peer peer = new Peer("server-" + streams.size() % servers + ":1", true);
        FakeStream<Q, A> stream =
                new FakeStream<>(request.apply(peer), target, List.copyOf(aside), peer, nanoTime(), receiver);
        streams.add(stream);
        if (closed) {
            stream.fail(new ClosedException(new Failure("closed", "CLIENT_CLOSED"), null));
        }
        return stream;
    }

    @Override
    public <Q, A> CompletableFuture<Answer<A>> write(
            MethodDescriptor<Q, A> method, WriteOptions options, Function<WriteOptions, Q> request, CallContext call) {
        return call(method, request.apply(options), new Target.Leader(), call);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <Q, A> CompletableFuture<Answer<A>> call(
            MethodDescriptor<Q, A> method, Q request, Target target, CallContext call) {
        try {
            return CompletableFuture.completedFuture(
                    new Answer<>((A) calls.apply(request, target), nanoTime(), "server:1", 1));
        } catch (TidemarkException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public CompletableFuture<Answer<GetResponse>> get(
            String table, String key, ReadAsk ask, RowView view, CallContext call) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Answer<BatchGetResponse>> batchGet(
            List<RowKey> keys, ReadAsk ask, RowView view, CallContext call) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Answer<CommitResponse>> commit(CommitRequest request, CallContext call) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Topology> topology() {
        return Optional.empty();
    }

    @Override
    public Subscription onTopology(Consumer<Topology> listener) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Limits> limits(CallContext call) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        closed = true;
    }

    /** One attempt, as the server sees it. */
    public final class FakeStream<Q, A> implements StreamHandle {

        public final Q request;
        public final Target target;
        /** Who should not be asked while there are others. */
        public final List<String> aside;

        private final Peer peer;
        private final long begunNanos;
        private final StreamReceiver<A> receiver;
        private volatile int requested;
        private volatile int sent;
        private volatile boolean cancelled;
        private volatile boolean gaveUp;
        private volatile boolean ended;

        FakeStream(
                Q request, Target target, List<String> aside, Peer peer, long begunNanos, StreamReceiver<A> receiver) {
            this.request = request;
            this.target = target;
            this.aside = aside;
            this.peer = peer;
            this.begunNanos = begunNanos;
            this.receiver = receiver;
        }

        public boolean isOpen() {
            return !cancelled && !ended;
        }

        public boolean isCancelled() {
            return cancelled;
        }

        /** Whether a message may be sent. */
        public boolean isReady() {
            return isOpen() && sent < requested;
        }

        @SuppressWarnings("NonAtomicVolatileUpdate") // by one thread at a time
        public void send(A message) {
            if (!isOpen()) {
                return;
            }
            if (sent >= requested) {
                throw new AssertionError("a message that nobody asked for: " + sent + " sent of " + requested);
            }
            sent++;
            receiver.received(message, peer, begunNanos);
        }

        public void end() {
            ended = true;
            receiver.ended();
        }

        public void fail(TidemarkException failure) {
            ended = true;
            receiver.failed(failure);
        }

        public void lose() {
            fail(new UnavailableException(new Failure("connection lost", "UNAVAILABLE"), null));
        }

        /** What was on its way when the attempt was given up. */
        public void sendLate(A message) {
            receiver.received(message, peer, begunNanos);
        }

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate") // in the turns of the stream
        public void request(int messages) {
            requested += messages;
            ready.accept(this);
        }

        @Override
        public void cancel() {
            cancelled = true;
        }

        @Override
        public void giveUp() {
            gaveUp = true;
            cancelled = true;
        }

        /** Whether it was taken for lost. */
        public boolean isGivenUp() {
            return gaveUp;
        }

        @Override
        public String toString() {
            return peer.address() + (isOpen() ? " open" : " ended") + ", " + sent + " of " + requested;
        }
    }
}
