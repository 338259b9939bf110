// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.serve;

import com.google.protobuf.Message;
import io.grpc.Context;
import io.grpc.MethodDescriptor;
import io.grpc.stub.StreamObserver;
import io.tidemark.api.ShardHash;
import io.tidemark.proto.v1.BatchGetRequest;
import io.tidemark.proto.v1.BatchGetResponse;
import io.tidemark.proto.v1.BatchWriteRequest;
import io.tidemark.proto.v1.BatchWriteResponse;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.DeleteRequest;
import io.tidemark.proto.v1.DeleteResponse;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.PatchRequest;
import io.tidemark.proto.v1.PatchResponse;
import io.tidemark.proto.v1.ProbeRequest;
import io.tidemark.proto.v1.ProbeResponse;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.RowKey;
import io.tidemark.proto.v1.ScanRequest;
import io.tidemark.proto.v1.ScanResponse;
import io.tidemark.proto.v1.StreamScanRequest;
import io.tidemark.proto.v1.StreamScanResponse;
import io.tidemark.proto.v1.WatchRequest;
import io.tidemark.proto.v1.WatchResponse;
import io.tidemark.server.call.Failures;
import io.tidemark.server.call.UnaryAnswer;
import io.tidemark.server.service.KeyValueService;
import io.tidemark.store.Shards;
import io.tidemark.store.state.BelowHorizonException;
import io.tidemark.store.state.NotAppliedException;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreView;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Answers here what is about shards that are served here, and passes everything else on, whole. What is wrong with a request is found
 * by whoever answers it.
 */
public final class ReplicaKeyValue extends KeyValueGrpc.KeyValueImplBase {

    private final KeyValueService here;
    private final PassingOn passingOn;
    private final Supplier<Optional<Store>> stores;
    private final Supplier<Shards> serving;
    private final IntSupplier shardCount;

    /**
     * @param serving the shards that are served now
     * @param shardCount how many there are; zero: that is not known yet
     */
    public ReplicaKeyValue(
            KeyValueService here,
            PassingOn passingOn,
            Supplier<Optional<Store>> stores,
            Supplier<Shards> serving,
            IntSupplier shardCount) {
        this.here = here;
        this.passingOn = passingOn;
        this.stores = stores;
        this.serving = serving;
        this.shardCount = shardCount;
    }

    private boolean serves(String table, String key) {
        Shards now = serving.get();
        int count = shardCount.getAsInt();
        return count > 0 && now.contains(ShardHash.shardOf(table, key, count));
    }

    private boolean servesAll() {
        int count = shardCount.getAsInt();
        return count > 0 && serving.get().count() == count;
    }

    /** None while it is not known how many there are. */
    private Shards shardsOf(Stream<RowKey> keys) {
        int count = shardCount.getAsInt();
        return count == 0
                ? Shards.NONE
                : Shards.of(keys.mapToInt(key -> ShardHash.shardOf(key.getTable(), key.getKey(), count))
                        .toArray());
    }

    private Shards allShards() {
        return Shards.all(shardCount.getAsInt());
    }

    /** @param shards those that it is about */
    private <Q extends Message, A> void read(
            boolean isHere,
            Supplier<Shards> shards,
            MethodDescriptor<Q, A> method,
            Q request,
            StreamObserver<A> caller,
            BiConsumer<Q, StreamObserver<A>> local) {
        if (isHere) {
            locally(method, request, caller, local);
        } else {
            passingOn.read(shards.get(), method, request, caller);
        }
    }

    private <Q extends Message, A> void locally(
            MethodDescriptor<Q, A> method,
            Q request,
            StreamObserver<A> caller,
            BiConsumer<Q, StreamObserver<A>> local) {
        Context context = Context.current();
        Runnable elsewhere = () -> passingOn.unaryLater(context, method, request, UnaryAnswer.to(caller));
        local.accept(request, ElsewhereObserver.of(caller, elsewhere));
    }

    @Override
    public void get(GetRequest request, StreamObserver<GetResponse> caller) {
        read(
                serves(request.getTable(), request.getKey()),
                () -> shardsOf(Stream.of(RowKey.newBuilder()
                        .setTable(request.getTable())
                        .setKey(request.getKey())
                        .build())),
                KeyValueGrpc.getGetMethod(),
                request,
                caller,
                here::get);
    }

    @Override
    public void batchGet(BatchGetRequest request, StreamObserver<BatchGetResponse> caller) {
        read(
                request.getKeysList().stream().allMatch(key -> serves(key.getTable(), key.getKey())),
                () -> shardsOf(request.getKeysList().stream()),
                KeyValueGrpc.getBatchGetMethod(),
                request,
                caller,
                here::batchGet);
    }

    @Override
    public void scan(ScanRequest request, StreamObserver<ScanResponse> caller) {
        read(servesAll(), this::allShards, KeyValueGrpc.getScanMethod(), request, caller, here::scan);
    }

    @Override
    public void probe(ProbeRequest request, StreamObserver<ProbeResponse> caller) {
        if (stores.get().isPresent()) {
            locally(KeyValueGrpc.getProbeMethod(), request, caller, here::probe);
        } else {
            passingOn.unary(PassingOn.Effect.NONE, KeyValueGrpc.getProbeMethod(), request, caller);
        }
    }

    @Override
    public void streamScan(StreamScanRequest request, StreamObserver<StreamScanResponse> caller) {
        stream(servesAll(), KeyValueGrpc.getStreamScanMethod(), request, caller, here::streamScan);
    }

    @Override
    public void watch(WatchRequest request, StreamObserver<WatchResponse> caller) {
        stream(isWatchedHere(request), KeyValueGrpc.getWatchMethod(), request, caller, here::watch);
    }

    private <Q, A> void stream(
            boolean isHere,
            MethodDescriptor<Q, A> method,
            Q request,
            StreamObserver<A> caller,
            BiConsumer<Q, StreamObserver<A>> local) {
        if (isHere) {
            local.accept(request, caller);
            return;
        }
        try {
            passingOn.stream(method, request, caller);
        } catch (RuntimeException e) {
            caller.onError(Failures.toStatus(e));
        }
    }

    /** Whether all shards that it is about are served here, from its first index on. */
    private boolean isWatchedHere(WatchRequest request) {
        Optional<Store> present = stores.get();
        if (present.isEmpty()) {
            return false;
        }
        Store store = present.get();
        Shards watched;
        try {
            watched = request.hasShards()
                    ? Shards.of(request.getShards(), store.shardCount())
                    : Shards.all(store.shardCount());
        } catch (IllegalArgumentException wrong) {
            return true;
        }
        return serving.get().containsAll(watched) && reachesBack(store, watched, request);
    }

    private static boolean reachesBack(Store store, Shards watched, WatchRequest request) {
        if (!request.hasFromIndex() || request.getFromIndex() < 1) {
            return true;
        }
        try (StoreView view = store.viewAt(request.getFromIndex() - 1)) {
            return view.readable().containsAll(watched);
        } catch (BelowHorizonException e) {
            return false;
        } catch (NotAppliedException ahead) {
            return true;
        }
    }

    @Override
    public void put(PutRequest request, StreamObserver<PutResponse> caller) {
        here.put(request, caller);
    }

    @Override
    public void delete(DeleteRequest request, StreamObserver<DeleteResponse> caller) {
        here.delete(request, caller);
    }

    @Override
    public void patch(PatchRequest request, StreamObserver<PatchResponse> caller) {
        here.patch(request, caller);
    }

    @Override
    public void commit(CommitRequest request, StreamObserver<CommitResponse> caller) {
        here.commit(request, caller);
    }

    @Override
    public void batchWrite(BatchWriteRequest request, StreamObserver<BatchWriteResponse> caller) {
        here.batchWrite(request, caller);
    }
}
