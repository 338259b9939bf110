// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.proto.v1.DigestMismatch;
import io.tidemark.proto.v1.Topology;
import io.tidemark.server.freshness.Proof;
import io.tidemark.server.read.StoreRig;
import io.tidemark.server.read.WrongRow;
import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.StoredRow;
import io.tidemark.store.engine.MapDbEngine;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreBirth;
import io.tidemark.store.state.StoreOptions;
import io.tidemark.store.state.StoreView;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A replica on a real store, fed by {@link FakeUpstream}, in time that stands still until a test moves it. */
final class ReplicaRig implements AutoCloseable, StoreHome, OwnedShards, Load, FeedEvents {

    final StoreRig node;
    final FakeUpstream upstream;
    final TwoClocks time = new TwoClocks();
    final List<String> failures = new ArrayList<>();
    final List<Shards> servedAt = new ArrayList<>();
    final List<List<DigestMismatch>> differing = new ArrayList<>();
    final FullDisk disk = new FullDisk();
    final List<Boolean> diskFull = new ArrayList<>();
    final List<Integer> mended = new ArrayList<>();
    final List<Integer> forgotten = new ArrayList<>();
    final Set<String> copiesDiffered = new TreeSet<>();
    Subscriber subscriber;
    private FeedOptions options = FeedOptions.defaults();
    Shards wanted = Shards.all(1024);
    /** Null: those that are wanted, always. */
    @Nullable OwnedShards owned;

    long boundedReads;
    private final Path directory;
    private int stores;
    private String cluster = "";
    private @Nullable Store store;

    ReplicaRig(Path directory) {
        this.directory = directory;
        node = new StoreRig(directory.resolve("node"));
        upstream = new FakeUpstream(node.store());
        subscriber = newSubscriber("i1");
    }

    private Subscriber newSubscriber(String incarnation) {
        return new Subscriber(
                new Self("r1", incarnation, "d1", "z1", 100, "test"),
                options,
                List.of("seed:1"),
                upstream,
                this,
                this,
                this,
                this,
                time,
                time,
                () -> 0.5);
    }

    /** How much of a copy is taken over at once. To be called before {@link #start}. */
    void copyInStepsOf(int rows) {
        FeedOptions usual = FeedOptions.defaults();
        options = new FeedOptions(
                usual.creditBytes(),
                usual.probeInterval(),
                usual.idleProbeInterval(),
                usual.idleAfter(),
                usual.probeTimeout(),
                usual.silenceMax(),
                usual.unprovenMax(),
                usual.retryMin(),
                usual.retryMax(),
                usual.heartbeatInterval(),
                usual.holdMax(),
                usual.copySilenceMax(),
                rows);
        subscriber = newSubscriber("i1");
    }

    void start() {
        subscriber.start("h:1", "h:2");
        upstream.deliver();
        settle();
    }

    /** Until everything that follows at once has happened. */
    void settle() {
        for (int i = 0; i < 20; i++) {
            time.pass(Duration.ofMillis(1));
            upstream.deliver();
        }
    }

    void pass(Duration passed) {
        for (long left = passed.toMillis(); left > 0; left -= 10) {
            time.pass(Duration.ofMillis(Math.min(left, 10)));
            upstream.deliver();
        }
    }

    /** As after a crash, or a stop: what was not in a checkpoint is gone. */
    void restart() {
        subscriber.close();
        Store open = present();
        open.close();
        reopen();
        start();
    }

    /** Stops it, and changes a row on its disk. To be followed by {@link #start}. */
    void plant(String key, String value) {
        stop();
        WrongRow.plant(place(), new RowName("t", key), value);
        reopen();
    }

    /** The same, so that what it counted with its writes is as before. */
    void plantUnnoticed(String key, String value) {
        stop();
        WrongRow.plantUnnoticed(place(), new RowName("t", key), value);
        reopen();
    }

    private void stop() {
        subscriber.close();
        present().checkpoint().join();
        present().close();
    }

    private void reopen() {
        store = Store.open(place(), StoreOptions.defaults());
        subscriber = newSubscriber("i2");
    }

    void wantOnly(Shards shards) {
        wanted = shards;
        subscriber.wantedChanged();
        settle();
    }

    Store present() {
        Store open = store;
        assertThat(open).as("the replica has a store").isNotNull();
        return java.util.Objects.requireNonNull(open);
    }

    @Nullable String read(String key) {
        try (StoreView view = present().view()) {
            StoredRow row = view.get(new RowName("t", key));
            return row == null ? null : row.value().toStringUtf8();
        }
    }

    Optional<Duration> staleness() {
        Proof proof = subscriber.proofs().newestFor(present().appliedIndex());
        return Optional.ofNullable(proof).map(known -> known.staleness(time.now()));
    }

    int shardOf(String key) {
        return io.tidemark.api.ShardHash.shardOf("t", key, node.store().shardCount());
    }

    @Override
    public void close() {
        subscriber.close();
        if (store != null) {
            store.close();
        }
        node.close();
    }

    private Path place() {
        return directory.resolve("replica-" + stores);
    }

    @Override
    public @Nullable Store store() {
        return store;
    }

    @Override
    public String clusterId() {
        return cluster;
    }

    @Override
    public Store begin(String clusterId, StoreBirth birth) {
        cluster = clusterId;
        if (store != null) {
            store.close();
        }
        stores++;
        store = Store.create(
                disk.under(MapDbEngine.open(place(), StoreOptions.defaults().engine())),
                birth,
                StoreOptions.defaults());
        return store;
    }

    @Override
    public Shards wanted(Here here, Assignment assignment) {
        return owned == null ? wanted : owned.wanted(here, assignment);
    }

    @Override
    public long boundedReads() {
        return boundedReads;
    }

    @Override
    public long reads() {
        return boundedReads;
    }

    @Override
    public double cpu() {
        return 0;
    }

    @Override
    public void servingChanged() {
        servedAt.add(subscriber.serving());
    }

    @Override
    public void topology(Topology topology) {}

    @Override
    public void diskFull(boolean isFull) {
        diskFull.add(isFull);
    }

    @Override
    public void differing(List<DigestMismatch> mismatches) {
        differing.add(mismatches);
    }

    @Override
    public void mended(List<Integer> shards) {
        mended.addAll(shards);
    }

    @Override
    public void forgotten(List<Integer> shards) {
        forgotten.addAll(shards);
    }

    @Override
    public void copyDiffered(String source, String why) {
        copiesDiffered.add(source);
    }

    @Override
    public void copied(String source) {
        copiesDiffered.remove(source);
    }

    @Override
    public void failed(String message, Throwable why) {
        failures.add(message);
    }
}
