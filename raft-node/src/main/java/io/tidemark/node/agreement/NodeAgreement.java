// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.agreement;

import io.tidemark.node.consensus.Member;
import io.tidemark.proto.v1.DigestDetail;
import io.tidemark.proto.v1.FetchDigestsRequest;
import io.tidemark.proto.v1.FetchDigestsResponse;
import io.tidemark.proto.v1.ShardDigest;
import io.tidemark.server.time.Timers;
import io.tidemark.server.upkeep.Digests;
import io.tidemark.store.Shards;
import io.tidemark.store.digest.DigestsAt;
import io.tidemark.store.digest.RowHasher;
import io.tidemark.store.state.Store;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compares the digests of this node with those of the other nodes, all the time: at the newest index of which this node keeps digests, until
 * a majority has them. Each node judges itself alone: one that lags or was away does so when it is back.
 *
 * <p>Its state is of one thread, that of the executor, which the timers call on too.
 */
public final class NodeAgreement implements AutoCloseable {

    /** What is compared costs every node a few milliseconds. */
    static final Duration INTERVAL = Duration.ofSeconds(5);

    /** So many shards are named, and looked at bucket by bucket. */
    private static final int NAMED_MAX = 8;

    private final String selfId;
    private final Supplier<String> clusterId;
    private final Supplier<Optional<Store>> place;
    private final OtherNodes others;
    private final DisagreementListener listener;
    private final Timers timers;
    private final Executor executor;

    private final AtomicLong comparisons = new AtomicLong();
    private volatile int differingShards;
    private volatile boolean closed;
    private @Nullable Store compared;
    private long settledIndex = -1;

    /**
     * Nothing is compared before {@link #begin}.
     *
     * @param clusterId empty while it is not known
     * @param place empty while there is no store
     * @param timers that call on the executor's thread
     * @param executor one thread
     */
    public NodeAgreement(
            String selfId,
            Supplier<String> clusterId,
            Supplier<Optional<Store>> place,
            OtherNodes others,
            DisagreementListener listener,
            Timers timers,
            Executor executor) {
        this.selfId = selfId;
        this.clusterId = clusterId;
        this.place = place;
        this.others = others;
        this.listener = listener;
        this.timers = timers;
        this.executor = executor;
    }

    /** From now on, time and again. */
    public void begin() {
        Timers.Pending unused = timers.after(INTERVAL, this::look);
    }

    /** In how many shards the last comparison found this node and another to differ. */
    public int differingShards() {
        return differingShards;
    }

    /** How many comparisons came to a result. */
    public long comparisons() {
        return comparisons.get();
    }

    private void look() {
        if (closed) {
            return;
        }
        Store store = place.get().orElse(null);
        DigestsAt own = store == null ? null : store.newestDigests().orElse(null);
        if (store == null || own == null || (store == compared && own.index() <= settledIndex)) {
            begin();
            return;
        }
        Map<Boolean, List<Member>> voters = others.voters().stream().collect(Collectors.partitioningBy(this::isSelf));
        List<Member> asked = voters.getOrDefault(false, List.of());
        if (voters.getOrDefault(true, List.of()).isEmpty() || asked.isEmpty()) {
            begin();
            return;
        }
        FetchDigestsRequest request = request(store, own).build();
        Map<String, FetchDigestsResponse> answers = new TreeMap<>();
        CompletableFuture<?>[] all = asked.stream()
                .map(node -> others.digests(node, request)
                        .thenAcceptAsync(answer -> keep(node, own, answer, answers), executor)
                        .exceptionally(notThere -> null))
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture<Void> unused = CompletableFuture.allOf(all)
                .thenRunAsync(() -> judge(store, own, answers, asked), executor)
                .whenComplete((done, failure) -> begin());
    }

    private boolean isSelf(Member node) {
        return node.id().equals(selfId);
    }

    private FetchDigestsRequest.Builder request(Store store, DigestsAt own) {
        return FetchDigestsRequest.newBuilder()
                .setClusterId(clusterId.get())
                .setHistoryId(store.history().text())
                .setIndex(own.index())
                .setDetail(DigestDetail.DIGEST_DETAIL_SHARDS);
    }

    /** Another version's digests are of the same rows and say nothing. */
    private static void keep(
            Member node, DigestsAt own, FetchDigestsResponse answer, Map<String, FetchDigestsResponse> answers) {
        if (answer.getIndex() == own.index() && answer.getDigestVersion() == RowHasher.VERSION) {
            answers.put(node.id(), answer);
        }
    }

    private void judge(Store store, DigestsAt own, Map<String, FetchDigestsResponse> answers, List<Member> asked) {
        // Taken away meanwhile: it is not answered from any more.
        if (closed || place.get().orElse(null) != store) {
            return;
        }
        int nodes = asked.size() + 1;
        Judgement judgement = Judgement.of(own, answers, nodes);
        differingShards = judgement.outvoted().size() + judgement.undecided().size();
        if (!judgement.outvoted().isEmpty()) {
            settled(store, own);
            tell(store, own, judgement.outvoted(), asked, true);
        } else if (!judgement.undecided().isEmpty()) {
            tell(store, own, judgement.undecided(), asked, false);
        } else if (answers.size() + 1 > nodes / 2) {
            settled(store, own);
            listener.agreed(store);
        }
    }

    private void settled(Store store, DigestsAt own) {
        compared = store;
        settledIndex = own.index();
        comparisons.incrementAndGet();
    }

    /** With the buckets in which they differ, where the other node still tells. */
    private void tell(
            Store store, DigestsAt own, NavigableMap<Integer, String> differing, List<Member> asked, boolean outvoted) {
        String otherId = differing.firstEntry().getValue();
        List<Integer> named = differing.keySet().stream().limit(NAMED_MAX).toList();
        Member other = asked.stream()
                .filter(node -> node.id().equals(otherId))
                .findFirst()
                .orElseThrow();
        FetchDigestsRequest request = request(store, own)
                .setDetail(DigestDetail.DIGEST_DETAIL_BUCKETS)
                .setShards(Shards.of(named.stream().mapToInt(shard -> shard).toArray())
                        .toProto())
                .build();
        CompletableFuture<Void> unused = others.digests(other, request)
                .handle((answer, failure) -> answer == null ? List.<ShardDigest>of() : answer.getDigestsList())
                .thenAcceptAsync(
                        digests -> {
                            if (closed || place.get().orElse(null) != store) {
                                return;
                            }
                            String what = "at index " + own.index() + ", in " + differing.size() + " shards ("
                                    + named.stream()
                                            .map(shard -> shard + buckets(own, shard, digests))
                                            .collect(Collectors.joining(", "))
                                    + (differing.size() > named.size() ? ", ..." : "") + "), compared with node "
                                    + otherId;
                            if (outvoted) {
                                listener.outvoted(store, what);
                            } else {
                                listener.undecided(store, what);
                            }
                        },
                        executor);
    }

    private static String buckets(DigestsAt own, int shard, List<ShardDigest> digests) {
        return digests.stream()
                .filter(theirs -> theirs.getShard() == shard)
                .findFirst()
                .map(theirs -> " in buckets " + Digests.differingBuckets(own, theirs))
                .orElse("");
    }

    @Override
    public void close() {
        closed = true;
    }
}
