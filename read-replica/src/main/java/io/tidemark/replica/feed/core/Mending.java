// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import io.tidemark.proto.v1.DigestDetail;
import io.tidemark.proto.v1.DigestMismatch;
import io.tidemark.proto.v1.DigestsAt;
import io.tidemark.proto.v1.FetchDigestsRequest;
import io.tidemark.proto.v1.FetchDigestsResponse;
import io.tidemark.store.Shards;
import io.tidemark.store.state.Store;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds shards whose rows are not the upstream's, and has them copied again: a shard that differs is let go of at once, and counts as
 * wrong until it was copied and found to agree. Of the feed's thread.
 */
final class Mending {

    /** The feed that shards are compared with. */
    interface Feed {
        /** Null: there is none. */
        @Nullable FeedSession session();

        String clusterId();

        /** Takes a step of the feed, which ends it if it fails. */
        void guarded(FeedSession of, Runnable step);

        /** Not served any more, and then not here. */
        void letGo(Store store, Shards gone);

        /** What is told of it has changed. */
        void changed();
    }

    private final Network network;
    private final StoreHome home;
    private final FeedEvents events;
    private final Feed feed;
    private final DigestComparison comparison = new DigestComparison();

    Mending(Network network, StoreHome home, FeedEvents events, Feed feed) {
        this.network = network;
        this.home = home;
        this.events = events;
        this.feed = feed;
    }

    /** The upstream said what its shards are. */
    void told(DigestsAt theirs) {
        Store store = home.store();
        if (store != null) {
            comparison.compare(store, theirs).ifPresent(this::compared);
        }
    }

    /** More is applied than before. */
    void advanced(Store store) {
        comparison.advanced(store).ifPresent(this::compared);
    }

    /** What was copied again is compared soon: while nothing is written the feed brings no further digests. */
    void compareCopied(FeedSession of) {
        Store store = home.store();
        if (store == null || !of.isWelcomed()) {
            return;
        }
        Shards copied = store.shards().minus(store.shards().minus(differing()));
        if (copied.isEmpty()) {
            return;
        }
        FetchDigestsRequest request = request(store, copied).build();
        network.askDigests(
                of.upstream().address(),
                request,
                answer -> answer.ifPresent(digests -> feed.guarded(of, () -> {
                    if (of.equals(feed.session()) && store.equals(home.store())) {
                        comparison.compare(store, digestsAt(digests)).ifPresent(this::compared);
                    }
                })));
    }

    private static DigestsAt digestsAt(FetchDigestsResponse digests) {
        return DigestsAt.newBuilder()
                .setIndex(digests.getIndex())
                .setDigestVersion(digests.getDigestVersion())
                .addAllDigests(digests.getDigestsList())
                .build();
    }

    /** What lies on disk was found not to be what was applied. */
    void damaged(Store store, List<DigestMismatch> mismatches) {
        copyAgain(store, mismatches);
        comparison.differ(mismatches);
    }

    /** These are not to be here any more, right or wrong. */
    void forget(Shards gone) {
        tellForgotten(comparison.forget(gone));
    }

    /** There is another store, to which nothing applies that was said before. */
    void forgetAll() {
        tellForgotten(comparison.forgetAll());
    }

    private void tellForgotten(List<Integer> forgotten) {
        if (!forgotten.isEmpty()) {
            events.forgotten(forgotten);
        }
    }

    Shards differing() {
        return DigestComparison.shardsOf(mismatches());
    }

    /** The last of each shard that was not found to agree since. */
    List<DigestMismatch> mismatches() {
        return comparison.differing();
    }

    /** How many were found since the start. */
    long found() {
        return comparison.found();
    }

    private void compared(DigestComparison.Compared compared) {
        if (!compared.mended().isEmpty()) {
            events.mended(compared.mended());
        }
        Store store = home.store();
        FeedSession of = feed.session();
        if (store == null || of == null || compared.mismatches().isEmpty()) {
            return;
        }
        copyAgain(store, compared.mismatches());
        FetchDigestsRequest request = request(store, compared.wrong())
                .setIndex(compared.index())
                .setDetail(DigestDetail.DIGEST_DETAIL_BUCKETS)
                .build();
        network.askDigests(of.upstream().address(), request, answer -> {
            List<DigestMismatch> located = answer.map(digests -> comparison.located(compared.own(), digests))
                    .orElse(List.of());
            if (!located.isEmpty()) {
                events.differing(located);
                feed.changed();
            }
        });
    }

    private FetchDigestsRequest.Builder request(Store store, Shards shards) {
        return FetchDigestsRequest.newBuilder()
                .setClusterId(feed.clusterId())
                .setHistoryId(store.history().text())
                .setShards(shards.toProto());
    }

    private void copyAgain(Store store, List<DigestMismatch> mismatches) {
        feed.letGo(store, DigestComparison.shardsOf(mismatches));
        events.differing(mismatches);
    }
}
