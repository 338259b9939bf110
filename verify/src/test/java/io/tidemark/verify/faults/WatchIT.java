// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.client.Change;
import io.tidemark.client.Table;
import io.tidemark.client.TidemarkClient;
import io.tidemark.client.WatchEvent;
import io.tidemark.client.WatchEvents;
import io.tidemark.client.WatchHandle;
import io.tidemark.client.WriteOptions;
import io.tidemark.verify.faults.ClusterUnderTest.NodeUnderTest;
import io.tidemark.verify.process.ServerUnderTest;
import io.tidemark.verify.process.Servers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Watches of the SDK while the leader is killed and both replicas are restarted: every event once, in order, commits whole. */
@Tag("faults")
@Timeout(1_800)
class WatchIT {

    private static final String TEST = "sdk: watches";
    private static final Duration TIMEOUT = Duration.ofMinutes(3);
    private static final WriteOptions PATIENT = WriteOptions.defaults().withDeadline(Duration.ofSeconds(60));
    private static final int COMMIT_ROWS = 10;
    private static final int KEYS = 1_000;

    /** The profile {@code faults} watches 100,000. */
    private static final long EVENTS = Long.getLong("tidemark.faults.watched", 5_000);

    @RegisterExtension
    final Servers servers = new Servers();

    @Test
    void shouldTellEveryEventOnceAndInOrder() throws Exception {
        try (ClusterUnderTest cluster = ClusterUnderTest.start(servers, 3, "--store.auto-create-tables=true")) {
            List<ServerUnderTest> replicas = List.of(cluster.startReplica("r1"), cluster.startReplica("r2"));
            replicas.forEach(replica -> replica.awaitReady(TIMEOUT));
            String endpoints = String.join(",", cluster.endpointsById().values());
            try (TidemarkClient writing = TidemarkClient.connect(endpoints);
                    TidemarkClient watching = TidemarkClient.connect(endpoints)) {
                Table<String> written = writing.table("numbers");
                String start = written.put("first", "").token();
                Table<String> numbers = watching.table("numbers");
                List<Watched> watched = new ArrayList<>();
                List<WatchHandle> handles = new ArrayList<>();
                Watched all = new Watched("all", 0, 1);
                watched.add(all);
                handles.add(numbers.watch().after(start).start(all::see));
                // One row each, which replicas tell of.
                for (int key = 0; key < COMMIT_ROWS; key++) {
                    Watched one = new Watched("key " + key, key, KEYS);
                    watched.add(one);
                    handles.add(numbers.watch().key(key(key)).after(start).start(one::see));
                }
                Writer writer = new Writer(writing, written);
                CompletableFuture<Void> writes = CompletableFuture.runAsync(writer);
                strike(cluster, replicas, writer);
                writes.get(20, TimeUnit.MINUTES);
                for (Watched each : watched) {
                    ClusterUnderTest.await(each.name + ": all events", TIMEOUT, () -> each.isDone(EVENTS));
                }
                handles.forEach(WatchHandle::close);
                for (WatchHandle handle : handles) {
                    handle.ended().get(1, TimeUnit.MINUTES);
                }
                watched.forEach(each -> each.check(writer.indexes));
                readSlowly(numbers, start, writer.indexes);
            }
        }
    }

    private static void strike(ClusterUnderTest cluster, List<ServerUnderTest> replicas, Writer writer) {
        writer.await(EVENTS / 5);
        NodeUnderTest leader = cluster.awaitLeader(TIMEOUT).node();
        Rounds.say(TEST, "kills " + leader.id() + ", the leader, after " + writer.written + " events");
        leader.server().kill();
        leader.server().start();
        for (ServerUnderTest replica : replicas) {
            writer.await(Math.min(EVENTS, writer.written.get() + EVENTS / 5));
            Rounds.say(TEST, "restarts " + replica.id() + " after " + writer.written + " events");
            assertThat(replica.stop()).isZero();
            replica.start();
            replica.awaitReady(TIMEOUT);
        }
        leader.server().awaitReady(TIMEOUT);
    }

    /** The same again from history, by a reader that holds next to nothing. */
    private static void readSlowly(Table<String> numbers, String start, Map<Long, Long> indexes) {
        Watched slow = new Watched("slowly", 0, 1);
        try (WatchEvents<String> events =
                numbers.watch().after(start).bufferBytes(4 << 10).events()) {
            for (WatchEvent<String> event : events) {
                slow.see(event);
                if (slow.isDone(EVENTS)) {
                    break;
                }
            }
        }
        slow.check(indexes);
    }

    private static String key(long number) {
        return String.format("k%04d", number);
    }

    /** Writes the numbers from 0 on, in rising order, ten to a commit. */
    private static final class Writer implements Runnable {

        private final TidemarkClient client;
        private final Table<String> table;
        private final AtomicLong written = new AtomicLong();
        /** The commit of each number. To be read when all are written. */
        private final Map<Long, Long> indexes = new HashMap<>();

        Writer(TidemarkClient client, Table<String> table) {
            this.client = client;
            this.table = table;
        }

        @Override
        public void run() {
            for (long from = 0; from < EVENTS; from += COMMIT_ROWS) {
                long first = from;
                long index = client.commit(
                                tx -> {
                                    for (long i = first; i < first + COMMIT_ROWS; i++) {
                                        tx.put(table, key(i % KEYS), Long.toString(i));
                                    }
                                },
                                PATIENT)
                        .orThrow()
                        .index();
                for (long i = first; i < first + COMMIT_ROWS; i++) {
                    indexes.put(i, index);
                }
                written.addAndGet(COMMIT_ROWS);
            }
        }

        void await(long events) {
            ClusterUnderTest.await(events + " events written", Duration.ofMinutes(10), () -> written.get() >= events);
        }
    }

    /** What one watch was told: by one thread at a time, and then by the test. */
    private static final class Watched {

        private final String name;
        private final long first;
        private final long step;
        private final List<Long> numbers = new ArrayList<>();
        private final List<Long> indexes = new ArrayList<>();
        private final Map<String, Integer> lifecycle = new HashMap<>();
        private volatile long last = -1;
        private @Nullable AssertionError problem;

        Watched(String name, long first, long step) {
            this.name = name;
            this.first = first;
            this.step = step;
        }

        void see(WatchEvent<String> event) {
            lifecycle.merge(event.getClass().getSimpleName(), 1, Integer::sum);
            if (event instanceof WatchEvent.Commit<String> commit
                    && step == 1
                    && commit.changes().size() != COMMIT_ROWS) {
                problem = new AssertionError(name + ": commit " + commit.index() + " came in part: " + commit);
            }
            for (Change<String> change : event.changes()) {
                if (change instanceof Change.Put<String> put) {
                    long number = Long.parseLong(put.row().optionalValue().orElseThrow());
                    numbers.add(number);
                    indexes.add(change.index());
                    last = number;
                } else {
                    problem = new AssertionError(name + ": nobody did this: " + change);
                }
            }
        }

        boolean isDone(long events) {
            return last + step >= events;
        }

        void check(Map<Long, Long> written) {
            Rounds.say(TEST, name + ": " + numbers.size() + " events, " + lifecycle);
            assertThat(problem).as(name).isNull();
            for (int i = 0; i < numbers.size(); i++) {
                assertThat(numbers.get(i)).as(name + ", event " + i).isEqualTo(first + i * step);
                assertThat(indexes.get(i)).as(name + ", index of event " + i).isEqualTo(written.get(numbers.get(i)));
            }
            assertThat(numbers).hasSize((int) ((EVENTS - first + step - 1) / step));
        }
    }
}
