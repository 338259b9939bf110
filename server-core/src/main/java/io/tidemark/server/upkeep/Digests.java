// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.upkeep;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.DigestDetail;
import io.tidemark.proto.v1.DigestMismatch;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.GetDigestsRequest;
import io.tidemark.proto.v1.GetDigestsResponse;
import io.tidemark.proto.v1.HorizonPassed;
import io.tidemark.proto.v1.Progress;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.ServerMismatch;
import io.tidemark.proto.v1.ShardDigest;
import io.tidemark.proto.v1.VerifyDigestsResponse;
import io.tidemark.server.call.Failures;
import io.tidemark.server.call.Workers;
import io.tidemark.store.Refusal;
import io.tidemark.store.Shards;
import io.tidemark.store.digest.Digest;
import io.tidemark.store.digest.DigestSchedule;
import io.tidemark.store.digest.DigestsAt;
import io.tidemark.store.digest.RowHasher;
import io.tidemark.store.state.BelowHorizonException;
import io.tidemark.store.state.DeepCheck;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreView;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;

/** The digests of a server's own store. For any thread. */
public final class Digests {

    /** How many rows are checked between two reports. */
    private static final long ROWS_PER_REPORT = 50_000;

    private final Function<Store, ResponseHeader> headers;

    /** @param headers those of an answer from a store */
    public Digests(Function<Store, ResponseHeader> headers) {
        this.headers = headers;
    }

    /**
     * Those that are kept, at the index that is asked for.
     *
     * @throws StatusRuntimeException if none are
     */
    public GetDigestsResponse kept(Store store, GetDigestsRequest request) {
        DigestsAt digests = request.hasIndex()
                ? store.digestsAt(request.getIndex()).orElseThrow(() -> notKept(store, request.getIndex()))
                : store.newestDigests().orElseThrow(() -> notReached(store, nextAgreed(store)));
        Shards wanted = wanted(store, digests.index(), request);
        return GetDigestsResponse.newBuilder()
                .setHeader(headers.apply(store).toBuilder().setReadIndex(digests.index()))
                .setIndex(digests.index())
                .setDigestVersion(RowHasher.VERSION)
                .addAllDigests(ofShards(digests, wanted, request.getDetail()))
                .build();
    }

    /** Digests as the contract gives them. */
    public static List<ShardDigest> ofShards(DigestsAt digests, Shards shards, DigestDetail detail) {
        boolean buckets = detail == DigestDetail.DIGEST_DETAIL_BUCKETS;
        return shards.stream()
                .mapToObj(shard -> ofShard(digests, shard, buckets))
                .toList();
    }

    private static ShardDigest ofShard(DigestsAt digests, int shard, boolean buckets) {
        Digest sum = digests.shard(shard);
        ShardDigest.Builder digest = ShardDigest.newBuilder()
                .setShard(shard)
                .setDigest(sum.toBytes())
                .setRowCount(sum.rowCount());
        if (buckets) {
            digests.buckets(shard).forEach(bucket -> digest.addBucketDigests(bucket.toBytes()));
        }
        return digest.build();
    }

    /**
     * The buckets of a shard in which this server and another differ, from 0.
     *
     * @param theirs of the same index; without buckets nothing can be said
     */
    public static List<Integer> differingBuckets(DigestsAt own, ShardDigest theirs) {
        List<Digest> mine = own.buckets(theirs.getShard());
        return IntStream.range(0, Math.min(mine.size(), theirs.getBucketDigestsCount()))
                .filter(bucket -> !mine.get(bucket).toBytes().equals(theirs.getBucketDigests(bucket)))
                .boxed()
                .toList();
    }

    /** Those of the ones asked for that were whole here at the index: of a shard that came later some rows were not. */
    private static Shards wanted(Store store, long index, GetDigestsRequest request) {
        Shards held = wholeAt(store, index);
        if (!request.hasShards()) {
            return held;
        }
        try {
            Shards asked = Shards.of(request.getShards(), store.shardCount());
            return asked.minus(asked.minus(held));
        } catch (IllegalArgumentException e) {
            throw Refusal.ofField("shards", String.valueOf(e.getMessage()))
                    .status()
                    .toException();
        }
    }

    private static Shards wholeAt(Store store, long index) {
        try (StoreView view = store.viewAt(index)) {
            return view.readable();
        } catch (BelowHorizonException e) {
            // Whoever holds all shards has held them since the horizon at least.
            return store.isWhole() ? store.shards() : Shards.NONE;
        }
    }

    private static long nextAgreed(Store store) {
        return (store.appliedIndex() / DigestSchedule.INTERVAL + 1) * DigestSchedule.INTERVAL;
    }

    private StatusRuntimeException notKept(Store store, long index) {
        if (index < 0) {
            return Refusal.ofField("index", index + " (expected: zero or more)")
                    .status()
                    .toException();
        }
        if (index > store.appliedIndex()) {
            return notReached(store, index);
        }
        long newest = store.newestDigests().map(DigestsAt::index).orElse(0L);
        if (index > newest || index % DigestSchedule.INTERVAL != 0) {
            return Refusal.ofField(
                            "index",
                            index + " (expected: one that all servers agree on, a multiple of "
                                    + DigestSchedule.INTERVAL + "; the newest kept here is " + newest + ")")
                    .status()
                    .toException();
        }
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_HORIZON_PASSED,
                        "digests at index " + index + " are no longer kept; the newest are at " + newest)
                .with(ErrorMetadata.ASKED, index)
                .with(ErrorMetadata.NEWEST, newest)
                .withDetail(HorizonPassed.newBuilder()
                        .setAskedIndex(index)
                        .setServerHorizon(store.horizon())
                        .setClusterHorizon(store.horizon())
                        .setServedBy(headers.apply(store).getServedBy())
                        .build())
                .toException();
    }

    private static StatusRuntimeException notReached(Store store, long asked) {
        long applied = store.appliedIndex();
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_INDEX_NOT_REACHED,
                        "digests are kept at agreed indexes only, of which " + asked + " is not reached; applied: "
                                + applied)
                .with(ErrorMetadata.ASKED, asked)
                .with(ErrorMetadata.APPLIED, applied)
                .toException();
    }

    /**
     * Computes the digests of the newest rows anew from disk, on the calling thread, which waits for the store's writer and for
     * the disk.
     *
     * @param abandoned whether nobody wants to know any more
     * @return the index that was checked at, and where what is on disk is not what was applied
     * @throws AbandonedException if so
     * @throws io.tidemark.store.engine.CorruptionException if a file that it reads is damaged
     */
    public Checked check(Store store, Consumer<Progress> progress, BooleanSupplier abandoned) {
        long expected = store.counters().liveRows();
        long[] reported = {0};
        DeepCheck check = store.check(rows -> {
            if (rows - reported[0] >= ROWS_PER_REPORT) {
                reported[0] = rows;
                if (abandoned.getAsBoolean()) {
                    throw new AbandonedException();
                }
                progress.accept(checking(rows, Math.max(rows, expected)));
            }
        });
        // What is left of a shard that was let go of is nobody's.
        Shards held = store.shards();
        List<DigestMismatch> mismatches = check.differences().entrySet().stream()
                .filter(shard -> held.contains(shard.getKey()))
                .map(shard -> DigestMismatch.newBuilder()
                        .setIndex(check.index())
                        .setShard(shard.getKey())
                        .addAllBuckets(shard.getValue())
                        .build())
                .toList();
        return new Checked(check.index(), mismatches);
    }

    /**
     * The same on a worker, for a caller; the last message has the index, and what was found.
     *
     * @param found told first
     */
    public void check(
            Store store,
            String serverId,
            Workers workers,
            Consumer<Checked> found,
            StreamObserver<VerifyDigestsResponse> caller) {
        ServerCallStreamObserver<VerifyDigestsResponse> stream =
                (ServerCallStreamObserver<VerifyDigestsResponse>) caller;
        // With a handler, a caller who has gone is not an exception in whoever tells it something.
        stream.setOnCancelHandler(() -> {});
        workers.begin(() -> {
            try {
                Checked checked = checked(store, stream);
                found.accept(checked);
                stream.onNext(last(checked, serverId));
                stream.onCompleted();
            } catch (RuntimeException e) {
                if (!stream.isCancelled()) {
                    stream.onError(Failures.toStatus(e));
                }
            }
        });
    }

    private Checked checked(Store store, ServerCallStreamObserver<VerifyDigestsResponse> stream) {
        return check(
                store,
                now -> {
                    if (stream.isReady()) {
                        stream.onNext(VerifyDigestsResponse.newBuilder()
                                .setProgress(now)
                                .build());
                    }
                },
                stream::isCancelled);
    }

    private static VerifyDigestsResponse last(Checked checked, String serverId) {
        VerifyDigestsResponse.Builder last =
                VerifyDigestsResponse.newBuilder().setIndex(checked.index()).addServerIds(serverId);
        checked.mismatches()
                .forEach(mismatch -> last.addMismatches(
                        ServerMismatch.newBuilder().setServerId(serverId).setMismatch(mismatch)));
        return last.build();
    }

    private static Progress checking(long rows, long total) {
        return Progress.newBuilder()
                .setStage("recomputing digests")
                .setDone(rows)
                .setTotal(total)
                .setUnit("rows")
                .build();
    }

    /** What a check found. */
    public record Checked(long index, List<DigestMismatch> mismatches) {}

    /** Nobody wants to know any more. */
    public static final class AbandonedException extends RuntimeException {
        AbandonedException() {
            super("the check was abandoned", null, false, false);
        }
    }
}
