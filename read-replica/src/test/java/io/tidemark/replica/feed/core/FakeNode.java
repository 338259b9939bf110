// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.BatchGetRequest;
import io.tidemark.proto.v1.BatchGetResponse;
import io.tidemark.proto.v1.BootstrapRequest;
import io.tidemark.proto.v1.BootstrapResponse;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.FeedRequest;
import io.tidemark.proto.v1.FeedResponse;
import io.tidemark.proto.v1.FetchDigestsRequest;
import io.tidemark.proto.v1.FetchDigestsResponse;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.GetTopologyRequest;
import io.tidemark.proto.v1.GetTopologyResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.ReplicationGrpc;
import io.tidemark.proto.v1.ResolveTimeRequest;
import io.tidemark.proto.v1.ResolveTimeResponse;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.ScanRequest;
import io.tidemark.proto.v1.ScanResponse;
import io.tidemark.proto.v1.SubscriberHeartbeat;
import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.TopologyNotice;
import io.tidemark.server.read.StoreRig;
import io.tidemark.store.Shards;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** The internal port of a raft node that feeds, and says of each call that it was asked. */
public final class FakeNode implements AutoCloseable {

    public final StoreRig rig;
    public final List<String> hops = new CopyOnWriteArrayList<>();
    private final FakeUpstream upstream;
    private final ResponseHeader header;
    private final Server server;

    public FakeNode(Path directory, int port) throws IOException {
        this("n1", directory, port);
    }

    /** @param name whom its answers say that they are by */
    public FakeNode(String name, Path directory, int port) throws IOException {
        header = ResponseHeader.newBuilder().setServedBy(name).build();
        rig = new StoreRig(directory);
        upstream = new FakeUpstream(rig.store());
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .addService(new Feeding())
                .addService(new Knowing())
                .addService(ServerInterceptors.intercept(new Answering(), new Hops()))
                .build()
                .start();
    }

    /**
     * Tells the replica that it feeds a newer topology.
     *
     * @param other another replica, beside the one that is fed
     */
    public void place(long epoch, Shards placed, Shards released, Replica other) {
        synchronized (upstream) {
            FakeUpstream.Feed feed = upstream.feed();
            Topology topology = upstream.placing(feed.hello(), epoch, placed, released).toBuilder()
                    .addReplicas(other)
                    .build();
            feed.say(FeedResponse.newBuilder()
                    .setTopology(TopologyNotice.newBuilder().setTopology(topology)));
            upstream.deliver();
        }
    }

    /** Whether a replica has introduced itself. */
    public boolean isFeeding() {
        synchronized (upstream) {
            return !upstream.feeds.isEmpty() && !upstream.feed().requests.isEmpty();
        }
    }

    /** What the replica said last of itself. */
    public SubscriberHeartbeat lastHeartbeat() {
        synchronized (upstream) {
            List<SubscriberHeartbeat> all = upstream.feed().heartbeats;
            return all.isEmpty() ? SubscriberHeartbeat.getDefaultInstance() : all.get(all.size() - 1);
        }
    }

    public int port() {
        return server.getPort();
    }

    /** As of another cluster. */
    public void belongTo(String cluster) {
        upstream.clusterId = cluster;
    }

    /** Feeds that are open are told the digests of the newest index. */
    public void tellDigests() {
        synchronized (upstream) {
            upstream.feeds.stream().filter(feed -> !feed.closed).forEach(FakeUpstream.Feed::digests);
            upstream.deliver();
        }
    }

    /** Copies break off before their first row, or do not any more. */
    public void breakCopiesOff(boolean are) {
        synchronized (upstream) {
            upstream.copiesBreakOff = are;
            upstream.messagesBeforeTheyDo = 0;
        }
    }

    public void leaderless(boolean is) {
        upstream.leaderless = is;
    }

    /** One commit, of which feeds learn with the next probe. */
    public void put(String key, String value) {
        synchronized (upstream) {
            rig.put(key, value);
        }
    }

    @Override
    public void close() {
        server.shutdownNow();
        try {
            boolean unused = server.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        rig.close();
    }

    private final class Feeding extends ReplicationGrpc.ReplicationImplBase {

        @Override
        public StreamObserver<FeedRequest> feed(StreamObserver<FeedResponse> out) {
            Network.FeedStream feed;
            synchronized (upstream) {
                feed = upstream.openFeed("fake", new Network.FeedListener() {
                    @Override
                    public void received(List<FeedResponse> messages) {
                        messages.forEach(out::onNext);
                    }

                    @Override
                    public void ended(Network.StreamEnd end) {
                        out.onError(
                                end.reason().isPresent()
                                        ? ErrorStatus.of(end.reason().get(), end.message())
                                                .toException()
                                        : Status.UNAVAILABLE.asRuntimeException());
                    }
                });
            }
            return new StreamObserver<>() {
                @Override
                public void onNext(FeedRequest request) {
                    synchronized (upstream) {
                        feed.send(request);
                        upstream.deliver();
                    }
                }

                @Override
                public void onError(Throwable failure) {
                    feed.close();
                }

                @Override
                public void onCompleted() {
                    feed.close();
                    out.onCompleted();
                }
            };
        }

        @Override
        public void bootstrap(BootstrapRequest request, StreamObserver<BootstrapResponse> out) {
            synchronized (upstream) {
                Network.CopyStream[] copy = new Network.CopyStream[1];
                copy[0] = upstream.openCopy("fake", request, new Network.CopyListener() {
                    @Override
                    public void received(BootstrapResponse message) {
                        out.onNext(message);
                        if (message.hasEnd()) {
                            copy[0].close();
                            out.onCompleted();
                        } else {
                            copy[0].next();
                        }
                    }

                    @Override
                    public void ended(Network.StreamEnd end) {
                        out.onError(Status.UNAVAILABLE.asRuntimeException());
                    }
                });
                upstream.deliver();
            }
        }

        @Override
        public void fetchDigests(FetchDigestsRequest request, StreamObserver<FetchDigestsResponse> out) {
            synchronized (upstream) {
                upstream.askDigests("fake", request, found -> {
                    found.ifPresent(out::onNext);
                    out.onCompleted();
                });
                upstream.deliver();
            }
        }

        @Override
        public void resolveTime(ResolveTimeRequest request, StreamObserver<ResolveTimeResponse> out) {
            out.onNext(ResolveTimeResponse.newBuilder()
                    .setHistoryId(request.getHistoryId())
                    .setIndex(1)
                    .setLogTime(request.getTime())
                    .build());
            out.onCompleted();
        }
    }

    private final class Knowing extends ClusterGrpc.ClusterImplBase {
        @Override
        public void getTopology(GetTopologyRequest request, StreamObserver<GetTopologyResponse> out) {
            out.onNext(GetTopologyResponse.newBuilder()
                    .setTopology(Topology.newBuilder().setClusterId(upstream.clusterId))
                    .build());
            out.onCompleted();
        }
    }

    /** Says that it was the node that answered, and nothing more. */
    private final class Answering extends KeyValueGrpc.KeyValueImplBase {
        @Override
        public void get(GetRequest request, StreamObserver<GetResponse> out) {
            out.onNext(GetResponse.newBuilder().setHeader(header).build());
            out.onCompleted();
        }

        @Override
        public void scan(ScanRequest request, StreamObserver<ScanResponse> out) {
            out.onNext(ScanResponse.newBuilder().setHeader(header).build());
            out.onCompleted();
        }

        @Override
        public void batchGet(BatchGetRequest request, StreamObserver<BatchGetResponse> out) {
            out.onNext(BatchGetResponse.newBuilder().setHeader(header).build());
            out.onCompleted();
        }

        @Override
        public void put(PutRequest request, StreamObserver<PutResponse> out) {
            out.onNext(PutResponse.newBuilder().setHeader(header).build());
            out.onCompleted();
        }
    }

    private final class Hops implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            hops.add(call.getMethodDescriptor().getBareMethodName() + " "
                    + headers.get(Metadata.Key.of("tidemark-hops", Metadata.ASCII_STRING_MARSHALLER)) + " "
                    + headers.get(Metadata.Key.of("tidemark-forwarded-by", Metadata.ASCII_STRING_MARSHALLER)));
            return next.startCall(call, headers);
        }
    }
}
