// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.simulation;

import com.google.protobuf.MessageLite;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tidemark.server.call.Failures;
import io.tidemark.verify.simulation.Links.Port;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One call over the network, as gRPC has it: messages both ways, in order, until one side ends it, dies, or the connection breaks.
 *
 * @param <U> what the client sends
 * @param <D> what the server sends
 */
final class Connection<U extends MessageLite, D extends MessageLite> {

    /** A process that can be called. */
    interface Callee {
        /** The thread that receives calls. */
        Machine.Lane network();
    }

    /** Who called. On its own thread. */
    interface Caller<D> {
        void received(D message);

        /** The last word. Null: the other side has said all. */
        void ended(@Nullable StatusRuntimeException error);
    }

    /** What is sent down before the receiver has it. */
    private static final long READY_BYTES = 64 << 10;

    /** A side that hears nothing of the other for so long breaks the connection. */
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(20);

    private static final int BREAKS_PERMILLE = 500;

    private final Links links;
    private final World world;
    private final Machine.Lane clientLane;
    private final Machine server;
    private final Port port;
    private final Caller<D> caller;
    private final Way up;
    private final Way down;
    private final Deque<D> arrived = new ArrayDeque<>();

    private Machine.@Nullable Lane serverLane;
    private @Nullable ServerSide side;
    private long wanted;
    private @Nullable Runnable lastWord;
    private boolean clientLeft;
    private boolean over;
    private boolean broken;

    /** One direction. */
    private final class Way {
        private final String from;
        private final String to;
        /** What is under way, in the order in which it was sent. */
        private final Deque<Runnable> sent = new ArrayDeque<>();
        /** How much of it should have come by now. */
        private int due;

        private long last;

        Way(String from, String to) {
            this.from = from;
            this.to = to;
        }

        void send(long bytes, Runnable delivery) {
            if (!over) {
                last = Math.max(last + 1, world.nanos() + links.nanosSurely(from, to, port, bytes));
                sent.add(delivery);
                world.at(last, this::arrive);
            }
        }

        private void arrive() {
            if (!over) {
                due++;
                if (due == 1 && links.isCut(from, to, port)) {
                    world.after(KEEP_ALIVE, this::breakIfStuck);
                }
                deliver();
            }
        }

        private void deliver() {
            while (due > 0 && !over && !links.isCut(from, to, port)) {
                due--;
                sent.remove().run();
            }
        }

        private void breakIfStuck() {
            if (due > 0) {
                breakOff("nothing was heard for " + KEEP_ALIVE.toSeconds() + " s");
            }
        }

        void mended() {
            if (due == 0 || over || links.isCut(from, to, port)) {
                return;
            }
            if (broken || links.chance(from, to, port, BREAKS_PERMILLE)) {
                breakOff("connection reset");
            } else {
                world.at(world.nanos() + links.nanosSurely(from, to, port, 0), this::deliver);
            }
        }

        void forget() {
            sent.clear();
            due = 0;
        }
    }

    private Connection(Links links, Machine.Lane clientLane, Machine server, Port port, Caller<D> caller) {
        this.links = links;
        this.world = links.world();
        this.clientLane = clientLane;
        this.server = server;
        this.port = port;
        this.caller = caller;
        this.up = new Way(clientLane.machine().id(), server.id());
        this.down = new Way(server.id(), clientLane.machine().id());
    }

    /**
     * Calls a process.
     *
     * @param callee null: there is none there
     * @param accept what the process does with the call
     */
    static <S extends Callee, U extends MessageLite, D extends MessageLite> Connection<U, D> open(
            Links links,
            Machine.Lane clientLane,
            Machine server,
            Supplier<@Nullable S> callee,
            Port port,
            BiFunction<S, ServerCallStreamObserver<D>, StreamObserver<U>> accept,
            Caller<D> caller) {
        Connection<U, D> connection = new Connection<>(links, clientLane, server, port, caller);
        links.opened(connection);
        connection.up.send(0, () -> connection.connect(callee, accept));
        return connection;
    }

    private <S extends Callee> void connect(
            Supplier<@Nullable S> callee, BiFunction<S, ServerCallStreamObserver<D>, StreamObserver<U>> accept) {
        S process = server.isUp() ? callee.get() : null;
        if (process == null) {
            down.send(
                    0,
                    () -> end(Status.UNAVAILABLE
                            .withDescription("connection refused: " + server.id())
                            .asRuntimeException()));
            return;
        }
        serverLane = process.network();
        ServerSide opened = new ServerSide();
        side = opened;
        onServer(() -> {
            try {
                opened.handler = accept.apply(process, opened);
            } catch (RuntimeException e) {
                opened.onError(Failures.toStatus(e));
            }
            opened.deliver();
        });
    }

    private void onServer(Runnable step) {
        Machine.Lane lane = serverLane;
        if (lane != null) {
            lane.run(step);
        }
    }

    /** Sends something up. */
    void send(U message) {
        if (!clientLeft) {
            up.send(message.getSerializedSize(), () -> {
                links.count(server.id());
                ServerSide here = side;
                if (here != null) {
                    onServer(() -> here.received(message));
                }
            });
        }
    }

    /** Takes so many more. */
    void request(long count) {
        wanted += count;
        deliver();
    }

    /** Says nothing more; the other side ends it. */
    void finish() {
        if (!clientLeft) {
            up.send(0, () -> {
                ServerSide here = side;
                if (here != null) {
                    onServer(here::clientFinished);
                }
            });
        }
    }

    /** Nothing more is heard here; the other side is told. */
    void leave() {
        if (!clientLeft && !over) {
            clientLeft = true;
            up.send(0, this::cancelServer);
        }
    }

    private void cancelServer() {
        ServerSide here = side;
        close();
        if (here != null) {
            onServer(here::cancel);
        }
    }

    private void close() {
        over = true;
        up.forget();
        down.forget();
        links.closed(this);
    }

    private void deliver() {
        while (!arrived.isEmpty() && wanted > 0) {
            wanted--;
            D message = arrived.remove();
            clientLane.run(() -> {
                if (!clientLeft) {
                    caller.received(message);
                }
            });
        }
        Runnable last = lastWord;
        if (arrived.isEmpty() && last != null) {
            lastWord = null;
            clientLane.run(last);
        }
    }

    /** All that was sent has come; this is the end of it. */
    private void end(@Nullable StatusRuntimeException error) {
        close();
        lastWord = () -> {
            if (!clientLeft) {
                clientLeft = true;
                caller.ended(error);
            }
        };
        deliver();
    }

    private void breakOff(String why) {
        if (over) {
            return;
        }
        ServerSide here = side;
        arrived.clear();
        end(Status.UNAVAILABLE.withDescription(why).asRuntimeException());
        if (here != null) {
            onServer(here::cancel);
        }
    }

    /** Something was mended that may have cut this. */
    void mended() {
        up.mended();
        down.mended();
    }

    /** A machine's process is gone. Who is cut off from it learns of that later, or never. */
    void died(Machine machine) {
        boolean serverDied = machine.equals(server) && serverLane != null;
        if (!over && (serverDied || machine.equals(clientLane.machine()))) {
            broken = true;
            Way way = serverDied ? down : up;
            way.send(0, () -> breakOff("connection reset by peer"));
        }
    }

    /** The call as the server has it. */
    private final class ServerSide extends ServerCallStreamObserver<D> {
        private final Deque<U> waiting = new ArrayDeque<>();
        private @Nullable StreamObserver<U> handler;
        private boolean automatic = true;
        private long requested;
        private long underWay;
        private boolean finished;
        private boolean said;
        private boolean cancelled;
        private @Nullable Runnable onReady;
        private @Nullable Runnable onCancel;
        private @Nullable Runnable onClose;

        private void received(U message) {
            waiting.add(message);
            deliver();
        }

        private void clientFinished() {
            finished = true;
            deliver();
        }

        private void deliver() {
            StreamObserver<U> known = handler;
            while (known != null && !waiting.isEmpty() && !cancelled && (automatic || requested > 0)) {
                requested--;
                known.onNext(waiting.remove());
            }
            if (known != null && waiting.isEmpty() && finished && !cancelled) {
                finished = false;
                known.onCompleted();
            }
        }

        private void cancel() {
            if (!said && !cancelled) {
                cancelled = true;
                Runnable told = onCancel;
                StreamObserver<U> known = handler;
                if (told != null) {
                    told.run();
                } else if (known != null) {
                    known.onError(Status.CANCELLED.asRuntimeException());
                }
            }
        }

        @Override
        public void onNext(D message) {
            long bytes = message.getSerializedSize();
            underWay += bytes;
            down.send(bytes, () -> {
                links.count(clientLane.machine().id());
                underWay -= bytes;
                Runnable ready = onReady;
                if (ready != null && underWay < READY_BYTES && underWay + bytes >= READY_BYTES) {
                    onServer(ready);
                }
                arrived.add(message);
                Connection.this.deliver();
            });
        }

        @Override
        public void onCompleted() {
            finish(null);
        }

        @Override
        public void onError(Throwable error) {
            Throwable cause = Failures.unwrapped(error);
            finish(cause instanceof StatusRuntimeException status ? status : Failures.toStatus(cause));
        }

        private void finish(@Nullable StatusRuntimeException error) {
            if (said) {
                return;
            }
            said = true;
            down.send(0, () -> {
                Runnable closed = onClose;
                if (closed != null) {
                    onServer(closed);
                }
                end(error);
            });
        }

        @Override
        public boolean isCancelled() {
            return cancelled;
        }

        /** Who sends a copy waits for room on a thread of its own; there is none here, so it finds room. */
        @Override
        public boolean isReady() {
            return automatic || underWay < READY_BYTES;
        }

        @Override
        public void disableAutoRequest() {
            automatic = false;
        }

        @Override
        public void disableAutoInboundFlowControl() {
            automatic = false;
        }

        @Override
        public void request(int count) {
            requested += count;
            deliver();
        }

        @Override
        public void setOnReadyHandler(Runnable handler) {
            onReady = handler;
        }

        @Override
        public void setOnCancelHandler(Runnable handler) {
            onCancel = handler;
        }

        @Override
        public void setOnCloseHandler(Runnable handler) {
            onClose = handler;
        }

        @Override
        public void setCompression(String compression) {
            // Nothing is compressed.
        }

        @Override
        public void setMessageCompression(boolean enable) {
            // Nothing is compressed.
        }
    }
}
