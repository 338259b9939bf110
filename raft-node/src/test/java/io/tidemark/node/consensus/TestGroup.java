// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CreateTableRequest;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.proto.v1.Value;
import io.tidemark.server.process.LoopbackPorts;
import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.CreateTableCommand;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.proto.v1.RequestIdentity;
import io.tidemark.store.proto.v1.WriteCommand;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreBirth;
import io.tidemark.store.state.StoreOptions;
import io.tidemark.store.state.StoreView;
import io.tidemark.store.transition.Transition;
import io.tidemark.store.validate.SettingsRules;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Nodes in this process, on loopback, with real stores. */
final class TestGroup implements AutoCloseable {

    static final String CLUSTER = "test";
    static final String TABLE = "things";
    static final int SHARDS = 16;
    static final HistoryId HISTORY = new HistoryId("0123456789abcdef");
    static final int CHECKPOINT_ENTRIES = 100;
    private static final Duration WAIT = Duration.ofMinutes(2);

    private final Path root;
    private final Map<String, Member> members = new LinkedHashMap<>();
    /** Some tests write while another node starts. */
    private final Map<String, Consensus> running = new ConcurrentSkipListMap<>();

    private final Queue<String> stopped = new ConcurrentLinkedQueue<>();
    private final StoreBirth birth = StoreBirth.ofNewHistory(
            HISTORY, SettingsRules.defaults().toBuilder().setShardCount(SHARDS).build());
    private final Map<String, Told> told = new ConcurrentHashMap<>();
    private final Duration electionMin;
    private boolean holdsFirstViews;
    private int checkpointEntries = CHECKPOINT_ENTRIES;
    private long requests;

    private String cluster;

    TestGroup(Path root, Duration electionMin, String cluster) {
        this.root = root;
        this.electionMin = electionMin;
        this.cluster = cluster;
    }

    /** Three nodes, started for the first time. */
    static TestGroup of(Path root) throws IOException {
        return of(root, Duration.ofMillis(600), "n1", "n2", "n3");
    }

    /** @param electionMin heartbeats come at a fifth of it; the first election is quick in any case */
    static TestGroup of(Path root, Duration electionMin, String... ids) throws IOException {
        TestGroup group = new TestGroup(root, electionMin, CLUSTER);
        List<Member> first = new ArrayList<>();
        for (String id : ids) {
            first.add(group.newMember(id));
        }
        try {
            first.forEach(member -> group.start(member.id(), new StartMode.Bootstrap(first, group.birth)));
            long created = group.node(group.awaitLeader()).appliedIndex();
            group.createTable();
            // Ratis counts no vote of a node whose log is empty, once anything is committed.
            for (Member member : first) {
                await(member.id() + " to have the log", () -> group.told(member.id()).applied > created);
            }
            return group;
        } catch (RuntimeException | AssertionError e) {
            group.close();
            throw e;
        }
    }

    /** What a node told its listener since its last start. */
    static final class Told implements ConsensusListener {
        private final String id;
        private final Queue<String> stopped;
        final Queue<String> events = new ConcurrentLinkedQueue<>();
        volatile boolean isOrdered = true;
        volatile long applied = -1;
        volatile long appliedBeforeReady = -1;
        volatile @Nullable Store firstStore;
        volatile @Nullable StoreView held;
        private final boolean holdsFirstView;

        Told(String id, Queue<String> stopped, boolean holdsFirstView) {
            this.id = id;
            this.stopped = stopped;
            this.holdsFirstView = holdsFirstView;
        }

        @Override
        public void applied(long raftIndex) {
            isOrdered &= raftIndex > applied;
            applied = raftIndex;
        }

        @Override
        public void ready(long term) {
            appliedBeforeReady = applied;
            events.add("ready " + term);
        }

        @Override
        public void storeWithdrawn() {
            events.add("withdrawn");
        }

        @Override
        public void storeReplaced(Store now) {
            if (firstStore == null) {
                firstStore = now;
                held = holdsFirstView ? now.view() : null;
            }
            events.add("store");
        }

        @Override
        public void stopped(String reason, Throwable cause) {
            stopped.add(id + ": " + reason);
        }
    }

    void assertToldInOrder() {
        told.forEach((id, listener) -> assertThat(listener.isOrdered).as(id).isTrue());
    }

    Told told(String id) {
        Told found = told.get(id);
        return Objects.requireNonNull(found, id);
    }

    Member newMember(String id) throws IOException {
        Member member = new Member(id, "127.0.0.1:" + LoopbackPorts.next(), id + ".internal:7002", id + ".client:7001");
        members.put(id, member);
        return member;
    }

    /** Of nodes started from now on. */
    void belongTo(String clusterId) {
        cluster = clusterId;
    }

    Member member(String id) {
        Member member = members.get(id);
        return Objects.requireNonNull(member, id);
    }

    Path directory(String id) {
        return root.resolve(id);
    }

    ConsensusOptions options(String id) {
        return new ConsensusOptions(
                directory(id),
                cluster,
                member(id),
                StoreOptions.defaults(),
                electionMin,
                electionMin.multipliedBy(2),
                checkpointEntries,
                64 << 20,
                20,
                32 << 10);
    }

    Consensus start(String id, StartMode mode) {
        Told listener = new Told(id, stopped, holdsFirstViews);
        told.put(id, listener);
        Consensus node = Consensus.start(options(id), mode, listener);
        running.put(id, node);
        return node;
    }

    Consensus restart(String id) {
        return start(id, new StartMode.Restart());
    }

    /** Nodes started from now on keep a view of the store that they start with. */
    void holdFirstViews() {
        holdsFirstViews = true;
    }

    /** Nodes started from now on make none by themselves, so that a restart finds all entries to be applied again. */
    void makeNoCheckpoints() {
        checkpointEntries = 1_000_000;
    }

    StoreBirth birth() {
        return birth;
    }

    Queue<String> stopped() {
        return stopped;
    }

    Consensus node(String id) {
        Consensus node = running.get(id);
        return Objects.requireNonNull(node, id);
    }

    Set<Member> members(String... ids) {
        return Set.of(ids).stream().map(this::member).collect(Collectors.toSet());
    }

    void kill(String id) {
        node(id).closeWithoutCheckpoint();
        running.remove(id);
    }

    void stop(String id) {
        node(id).close();
        running.remove(id);
    }

    String awaitLeader() {
        await("a leader", () -> leader() != null);
        String leader = leader();
        return leader == null ? awaitLeader() : leader;
    }

    private @Nullable String leader() {
        for (Map.Entry<String, Consensus> node : running.entrySet()) {
            if (node.getValue().isReady()) {
                return node.getKey();
            }
        }
        return null;
    }

    String follower() {
        String leader = awaitLeader();
        return running.keySet().stream()
                .filter(id -> !id.equals(leader))
                .findFirst()
                .orElseThrow();
    }

    /** Waits for something that happens by itself. */
    static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + WAIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long for " + what).isLessThan(end);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    private void createTable() {
        propose(Command.newBuilder()
                .setCreateTable(CreateTableCommand.newBuilder()
                        .setIdentity(identity())
                        .setRequest(CreateTableRequest.newBuilder().setTable(TABLE)))
                .build());
    }

    void put(String key, String value) {
        propose(putCommand(key, value));
    }

    Command putCommand(String key, String value) {
        PutMutation put = PutMutation.newBuilder()
                .setKey(key)
                .setValue(Value.newBuilder()
                        .setBytes(ByteString.copyFromUtf8(value))
                        .setContentType("text/plain"))
                .build();
        return Command.newBuilder()
                .setWrite(WriteCommand.newBuilder()
                        .setIdentity(identity())
                        .setCommit(CommitRequest.newBuilder()
                                .addMutations(
                                        Mutation.newBuilder().setTable(TABLE).setPut(put))))
                .build();
    }

    private RequestIdentity identity() {
        requests++;
        return RequestIdentity.newBuilder().setRequestId("request-" + requests).build();
    }

    static ByteString entry(Command command) {
        return Entry.newBuilder()
                .setTransitionVersion(Transition.VERSION_FIRST)
                .addCommands(command)
                .build()
                .toByteString();
    }

    /** Proposes until it is done; the store knows a command that it has seen before. */
    private void propose(Command command) {
        ByteString entry = entry(command);
        await("a write", () -> node(awaitLeader()).propose(entry).join() instanceof ProposalOutcome.Done);
    }

    static Store store(Consensus node) {
        return node.store().orElseThrow();
    }

    static @Nullable String get(Store store, String key) {
        try (StoreView view = store.view()) {
            StoredRow row = view.get(new RowName(TABLE, key));
            return row == null ? null : row.value().toStringUtf8();
        }
    }

    /** Waits until all running nodes are level, and compares their digests. */
    void assertAllEqual() {
        Consensus leader = node(awaitLeader());
        long index = store(leader).appliedIndex();
        for (Map.Entry<String, Consensus> node : running.entrySet()) {
            await(
                    node.getKey() + " to be level",
                    () -> node.getValue()
                            .store()
                            .filter(store -> store.appliedIndex() >= index)
                            .isPresent());
            Store store = store(node.getValue());
            assertThat(store.appliedIndex()).isEqualTo(index);
            for (int shard = 0; shard < SHARDS; shard++) {
                assertThat(store.digests().shard(shard))
                        .as("shard " + shard + " of " + node.getKey())
                        .isEqualTo(store(leader).digests().shard(shard));
            }
            assertThat(store.check(rows -> {}).isSound()).isTrue();
        }
    }

    @Override
    public void close() {
        new ArrayList<>(running.keySet()).forEach(this::kill);
    }
}
