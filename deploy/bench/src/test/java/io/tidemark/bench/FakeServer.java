// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tidemark.proto.v1.ChangeKind;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.CreateTableRequest;
import io.tidemark.proto.v1.CreateTableResponse;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.GetTopologyRequest;
import io.tidemark.proto.v1.GetTopologyResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.ServerRole;
import io.tidemark.proto.v1.WatchEvent;
import io.tidemark.proto.v1.WatchRequest;
import io.tidemark.proto.v1.WatchResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** As much of a Tidemark server as the load generator talks to, over a map. What a test changes, it changes before the load. */
final class FakeServer implements AutoCloseable {

    private static final String HISTORY = "0123456789abcdef";

    private final Server server;
    private final ServerRole role;
    private final TreeMap<String, Row> rows = new TreeMap<>();
    private final List<StreamObserver<WatchResponse>> watchers = new CopyOnWriteArrayList<>();
    private final List<PutRequest> puts = new ArrayList<>();
    private final List<GetRequest> gets = new ArrayList<>();
    private volatile Consumer<Runnable> answering = Runnable::run;
    private volatile Runnable beforePut = () -> {};
    private volatile Consumer<PutRequest> afterPut = put -> {};

    private FakeServer(ServerRole role) {
        this.role = role;
        try {
            server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .addService(new KeyValue())
                    .addService(new Cluster())
                    .build()
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static FakeServer start() {
        return new FakeServer(ServerRole.SERVER_ROLE_LEADER);
    }

    static FakeServer startFollower() {
        return new FakeServer(ServerRole.SERVER_ROLE_FOLLOWER);
    }

    Endpoint endpoint() {
        return new Endpoint("127.0.0.1", server.getPort());
    }

    /** What answers go through, instead of being sent at once. */
    void answerBy(Consumer<Runnable> way) {
        answering = way;
    }

    /** What is done before a put; what it throws fails the put. */
    void beforePut(Runnable action) {
        beforePut = action;
    }

    /** Shows puts to this server's watchers too. */
    void replicateTo(FakeServer follower) {
        afterPut = follower::show;
    }

    synchronized List<PutRequest> puts() {
        return List.copyOf(puts);
    }

    synchronized List<GetRequest> gets() {
        return List.copyOf(gets);
    }

    synchronized int rowCount() {
        return rows.size();
    }

    private void show(PutRequest put) {
        WatchResponse response = WatchResponse.newBuilder()
                .addEvents(WatchEvent.newBuilder()
                        .setKind(ChangeKind.CHANGE_KIND_PUT)
                        .setRow(Row.newBuilder().setTable(put.getTable()).setKey(put.getKey())))
                .build();
        synchronized (watchers) {
            watchers.forEach(watcher -> watcher.onNext(response));
        }
    }

    private ResponseHeader header() {
        return ResponseHeader.newBuilder()
                .setHistoryId(HISTORY)
                .setServedByRole(role)
                .setReadIndex(1)
                .build();
    }

    private <T> void answer(StreamObserver<T> observer, T response) {
        answering.accept(() -> {
            if (((ServerCallStreamObserver<T>) observer).isCancelled()) {
                return;
            }
            observer.onNext(response);
            observer.onCompleted();
        });
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    private final class KeyValue extends KeyValueGrpc.KeyValueImplBase {
        @Override
        public void put(PutRequest request, StreamObserver<PutResponse> observer) {
            try {
                beforePut.run();
            } catch (RuntimeException e) {
                observer.onError(e);
                return;
            }
            int index;
            synchronized (FakeServer.this) {
                puts.add(request);
                rows.put(
                        request.getKey(),
                        Row.newBuilder().setValue(request.getValue()).build());
                index = puts.size();
            }
            answer(
                    observer,
                    PutResponse.newBuilder().setHeader(header()).setIndex(index).build());
            afterPut.accept(request);
        }

        @Override
        public void get(GetRequest request, StreamObserver<GetResponse> observer) {
            GetResponse.Builder response = GetResponse.newBuilder().setHeader(header());
            synchronized (FakeServer.this) {
                gets.add(request);
                Row row = rows.get(request.getKey());
                if (row != null) {
                    response.setRow(row);
                }
            }
            answer(observer, response.build());
        }

        @Override
        public void watch(WatchRequest request, StreamObserver<WatchResponse> observer) {
            // With a handler, messages to a watcher that has gone are dropped.
            ((ServerCallStreamObserver<WatchResponse>) observer).setOnCancelHandler(() -> watchers.remove(observer));
            watchers.add(observer);
            observer.onNext(WatchResponse.newBuilder().setHeader(header()).build());
        }
    }

    private final class Cluster extends ClusterGrpc.ClusterImplBase {
        @Override
        public void createTable(CreateTableRequest request, StreamObserver<CreateTableResponse> observer) {
            observer.onNext(CreateTableResponse.newBuilder().setHeader(header()).build());
            observer.onCompleted();
        }

        @Override
        public void getTopology(GetTopologyRequest request, StreamObserver<GetTopologyResponse> observer) {
            observer.onNext(GetTopologyResponse.newBuilder().setHeader(header()).build());
            observer.onCompleted();
        }
    }
}
