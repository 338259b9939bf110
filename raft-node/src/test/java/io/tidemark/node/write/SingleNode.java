// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.InsecureChannelCredentials;
import io.tidemark.api.HistoryId;
import io.tidemark.node.consensus.ProposalOutcome;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.server.forward.Channels;
import io.tidemark.server.forward.Forwarder;
import io.tidemark.server.time.ManualTime;
import io.tidemark.server.time.Moment;
import io.tidemark.store.engine.MapDbEngine;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreBirth;
import io.tidemark.store.state.StoreOptions;
import io.tidemark.store.validate.SettingsRules;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A node with a real store whose log is played by the test: what is proposed is applied at once, unless the test says otherwise. */
final class SingleNode implements Proposer, Leadership, AutoCloseable {

    static final String ID = "n1";
    static final HistoryId HISTORY = new HistoryId("0123456789abcdef");

    /** What the log does with an entry: apply it, and what it says then; null: nothing yet. */
    interface Behaviour extends Function<Entry, @Nullable ProposalOutcome> {}

    final ManualTime time = new ManualTime();
    final Store store;
    final WritePath path;
    final NodeWrites writes;
    final Channels channels;
    final List<Entry> proposed = new ArrayList<>();
    /** One for each proposal to come; when there is none it is applied. */
    final Deque<Behaviour> script = new ArrayDeque<>();

    int tablesDropped;
    boolean ready = true;
    Optional<Leader> other = Optional.empty();
    private final List<Runnable> listeners = new ArrayList<>();

    SingleNode(Path directory, WriteLimits limits, NodeWriteOptions options) {
        this(directory, limits, options, SettingsRules.defaults());
    }

    SingleNode(Path directory, WriteLimits limits, NodeWriteOptions options, StoreSettings settings) {
        store = Store.create(
                MapDbEngine.open(directory, StoreOptions.defaults().engine()),
                StoreBirth.ofNewHistory(
                        HISTORY,
                        settings.toBuilder()
                                .setShardCount(4)
                                .setAutoCreateTables(true)
                                .build()),
                StoreOptions.defaults());
        channels = new Channels(InsecureChannelCredentials.create(), time, 16 << 20, List.of());
        path = new WritePath(this, limits, time, Moment::wallNanos, store::transitionVersion, Runnable::run);
        writes = new NodeWrites(
                ID,
                () -> store,
                this,
                path,
                new Forwarder(ID, channels),
                WritingNode.FORMS,
                WritingNode.headers(ID),
                options,
                () -> 7,
                time,
                time,
                () -> 0.5,
                () -> tablesDropped++);
    }

    ProposalOutcome apply(Entry entry) {
        return new ProposalOutcome.Done(store.apply(entry, ByteString.EMPTY), proposed.size());
    }

    @Override
    public CompletableFuture<ProposalOutcome> propose(ByteString encoded) {
        try {
            Entry entry = Entry.parseFrom(encoded);
            proposed.add(entry);
            Behaviour behaviour = script.poll();
            ProposalOutcome outcome = behaviour == null ? apply(entry) : behaviour.apply(entry);
            return outcome == null ? new CompletableFuture<>() : CompletableFuture.completedFuture(outcome);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("not an entry", e);
        }
    }

    @Override
    public boolean isReady() {
        return ready;
    }

    @Override
    public Optional<Leader> other() {
        return other;
    }

    @Override
    public void onChange(Runnable call) {
        listeners.add(call);
    }

    void lead(boolean isReady, @Nullable Leader leader) {
        ready = isReady;
        other = Optional.ofNullable(leader);
        listeners.forEach(Runnable::run);
    }

    @Override
    public void close() {
        channels.close();
        store.close();
    }
}
