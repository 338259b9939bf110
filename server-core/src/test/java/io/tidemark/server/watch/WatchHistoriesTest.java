// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.api.ShardHash;
import io.tidemark.proto.v1.ChangeKind;
import io.tidemark.proto.v1.KeyRange;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.ShardRange;
import io.tidemark.proto.v1.ShardSet;
import io.tidemark.proto.v1.WatchEvent;
import io.tidemark.proto.v1.WatchFilter;
import io.tidemark.proto.v1.WatchPreviousRow;
import io.tidemark.proto.v1.WatchRequest;
import io.tidemark.proto.v1.WatchResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random histories, watched by random watchers who take their messages as they please, come and go, and resume: each sees
 * exactly the changes that a plain replay says, whatever else happens.
 */
class WatchHistoriesTest {

    private static final int HISTORIES = Integer.getInteger("tidemark.histories", 60);
    private static final List<String> TABLES = List.of("a", "b");
    private static final List<String> KEYS = List.of("x", "x1", "x12", "y", "y\uD83D\uDE00", "y\uFFFD", "z");

    /** What a change is to a watcher. */
    private record Told(
            long index,
            int position,
            ChangeKind kind,
            String table,
            String key,
            String value,
            @Nullable String previous) {}

    @Test
    void eachWatcherSeesEachMatchingChangeOnceInOrder() {
        long first = Long.getLong("tidemark.seed", 1);
        for (long seed = first; seed < first + HISTORIES; seed++) {
            try (History history = new History(new Random(seed))) {
                history.run();
            } catch (Throwable e) {
                throw new AssertionError("seed: " + seed, e);
            }
        }
    }

    private static final class History implements AutoCloseable {
        private final Random random;
        private final WatchedStore store;
        private final WatchRig rig;
        private final Map<String, String> rows = new HashMap<>();
        private final List<Told> all = new ArrayList<>();
        private final List<Watcher> watchers = new ArrayList<>();

        History(Random random) {
            this.random = random;
            this.store = new WatchedStore(random.nextBoolean() ? 1 << 20 : 1 + random.nextInt(3000));
            this.rig = new WatchRig(
                    store.store(),
                    new WatchOptions(
                            100,
                            10,
                            Duration.ofHours(1),
                            Duration.ofSeconds(10),
                            Duration.ofSeconds(10),
                            1 + random.nextInt(2000),
                            1 + random.nextInt(1000),
                            100 + random.nextInt(1000)));
        }

        void run() {
            for (int step = 0; step < 60; step++) {
                step();
            }
            for (Watcher watcher : watchers) {
                watcher.call.allow(1_000_000);
            }
            rig.run();
            rig.pass(Duration.ofSeconds(2));
            for (Watcher watcher : watchers) {
                watcher.take();
                assertThat(watcher.through)
                        .isEqualTo(Math.max(watcher.began, store.store().appliedIndex()));
                watcher.cancel();
            }
            rig.run();
            assertThat(rig.watches.count()).isZero();
            assertThat(rig.time.pendingCalls()).isZero();
        }

        private void step() {
            int choice = random.nextInt(100);
            if (choice < 40) {
                commit();
            } else if (choice < 43) {
                dropTable();
            } else if (choice < 55) {
                watchers.add(new Watcher());
            } else if (choice < 75) {
                rig.runSome(random, 1 + random.nextInt(5));
            } else if (choice < 78) {
                rig.time.pass(Duration.ofMillis(random.nextInt(1500)));
            } else if (choice < 80) {
                rig.state = rig.stateOf(store.store());
                if (random.nextBoolean()) {
                    rig.watches.servingChanged();
                }
            } else if (!watchers.isEmpty()) {
                Watcher watcher = watchers.get(random.nextInt(watchers.size()));
                if (choice < 95) {
                    watcher.call.allow(1 + random.nextInt(3));
                } else {
                    watcher.resume();
                }
                watcher.take();
            }
        }

        private void commit() {
            long index = store.store().appliedIndex() + 1;
            Map<String, Mutation> mutations = new LinkedHashMap<>();
            List<Told> told = new ArrayList<>();
            int count = 1 + random.nextInt(random.nextInt(5) == 0 ? 12 : 3);
            for (int i = 0; i < count; i++) {
                String table = TABLES.get(random.nextInt(TABLES.size()));
                String key = KEYS.get(random.nextInt(KEYS.size()));
                String name = table + "/" + key;
                if (mutations.containsKey(name)) {
                    continue;
                }
                String previous = rows.get(name);
                if (random.nextInt(3) > 0) {
                    String value = "v" + index + "-" + "w".repeat(random.nextInt(200));
                    mutations.put(name, WatchedStore.put(table, key, value));
                    told.add(new Told(index, told.size(), ChangeKind.CHANGE_KIND_PUT, table, key, value, previous));
                    rows.put(name, value);
                } else if (previous != null) {
                    mutations.put(name, WatchedStore.delete(table, key));
                    told.add(new Told(index, told.size(), ChangeKind.CHANGE_KIND_DELETE, table, key, "", previous));
                    rows.remove(name);
                }
            }
            if (!mutations.isEmpty()) {
                assertThat(store.commit(mutations.values().toArray(new Mutation[0])))
                        .isEqualTo(index);
                all.addAll(told);
            }
        }

        private void dropTable() {
            String table = TABLES.get(random.nextInt(TABLES.size()));
            if (store.store().view().table(table) == null) {
                return;
            }
            long index = store.dropTable(table);
            all.add(new Told(index, 0, ChangeKind.CHANGE_KIND_TABLE_DROPPED, table, "", "", null));
            rows.keySet().removeIf(name -> name.startsWith(table + "/"));
            store.dropStep(table);
        }

        @Override
        public void close() {
            store.close();
        }

        /** A caller, who keeps its place and resumes from it. */
        private final class Watcher {
            private final WatchRequest asked;
            private final Predicate<Told> matches;
            private final List<Told> seen = new ArrayList<>();
            private final List<Told> parts = new ArrayList<>();
            private ManualCall call;
            private int taken;
            private long began = -1;
            private long through;

            Watcher() {
                WatchRequest.Builder request = WatchRequest.newBuilder();
                Predicate<Told> filters = filters(request);
                Predicate<Told> kinds = kinds(request);
                Predicate<Told> shards = shards(request);
                matches = told -> filters.test(told)
                        && (told.kind() == ChangeKind.CHANGE_KIND_TABLE_DROPPED
                                || (kinds.test(told) && shards.test(told)));
                if (random.nextBoolean()) {
                    request.setPreviousRow(WatchPreviousRow.WATCH_PREVIOUS_ROW_FULL);
                }
                asked = request.build();
                call = random.nextInt(3) == 0
                        ? begin()
                        : beginAt(1 + random.nextLong(store.store().appliedIndex() + 3));
            }

            private ManualCall begin() {
                return rig.watch(random.nextInt(3), request -> asked.toBuilder());
            }

            private ManualCall beginAt(long from) {
                return rig.watch(random.nextInt(3), request -> WatchRig.from(asked.toBuilder(), from));
            }

            private Predicate<Told> filters(WatchRequest.Builder request) {
                int choice = random.nextInt(6);
                String table = TABLES.get(random.nextInt(TABLES.size()));
                String key = KEYS.get(random.nextInt(KEYS.size()));
                if (choice == 0) {
                    return told -> true;
                } else if (choice == 1) {
                    request.setTable(table);
                    return told -> told.table().equals(table);
                } else if (choice == 2) {
                    request.setTable(table).setPrefix("x1");
                    return told -> told.table().equals(table)
                            && (isDrop(told) || told.key().startsWith("x1"));
                } else if (choice == 3) {
                    request.setTable(table).setKey(key);
                    return told -> told.table().equals(table)
                            && (isDrop(told) || told.key().equals(key));
                } else if (choice == 4) {
                    request.addFilters(WatchFilter.newBuilder().setTable(table).setKey(key));
                    request.addFilters(WatchFilter.newBuilder().setTable("b"));
                    return told -> told.table().equals("b")
                            || (told.table().equals(table)
                                    && (isDrop(told) || told.key().equals(key)));
                }
                // Up to y and a character beyond the BMP: above U+FFFD by code points, below it in Java's own order.
                request.addFilters(WatchFilter.newBuilder()
                        .setTable(table)
                        .setRange(KeyRange.newBuilder().setStart("x1").setEnd("y\uD83D\uDE00")));
                return told -> told.table().equals(table)
                        && (isDrop(told) || List.of("x1", "x12", "y", "y\uFFFD").contains(told.key()));
            }

            private boolean isDrop(Told told) {
                return told.kind() == ChangeKind.CHANGE_KIND_TABLE_DROPPED;
            }

            private Predicate<Told> kinds(WatchRequest.Builder request) {
                if (random.nextInt(3) > 0) {
                    return told -> true;
                }
                request.addKinds(ChangeKind.CHANGE_KIND_DELETE);
                return told -> told.kind() == ChangeKind.CHANGE_KIND_DELETE;
            }

            private Predicate<Told> shards(WatchRequest.Builder request) {
                if (random.nextInt(3) > 0) {
                    return told -> true;
                }
                request.setShards(ShardSet.newBuilder()
                        .addRanges(ShardRange.newBuilder().setFirst(0).setLast(511)));
                return told -> ShardHash.shardOf(told.table(), told.key(), 1024) < 512;
            }

            void cancel() {
                call.cancel();
            }

            void resume() {
                take();
                cancel();
                if (began < 0) {
                    call = begin();
                } else {
                    call = beginAt(through + 1);
                }
                parts.clear();
                taken = 0;
            }

            void take() {
                assertThat(call.hasEnded()).isFalse();
                for (; taken < call.messages.size(); taken++) {
                    take(call.messages.get(taken));
                }
            }

            private void take(WatchResponse message) {
                if (began < 0) {
                    began = message.getThroughIndex();
                    through = began;
                }
                assertThat(message.getThroughIndex()).isGreaterThanOrEqualTo(through);
                assertThat(message.hasHeader()).isEqualTo(message.getEventsCount() == 0);
                for (WatchEvent event : message.getEventsList()) {
                    parts.add(told(event));
                }
                if (message.hasFragment() && !message.getFragment().getLast()) {
                    assertThat(message.getThroughIndex())
                            .isLessThan(parts.get(0).index());
                    return;
                }
                seen.addAll(parts);
                parts.clear();
                through = message.getThroughIndex();
                assertThat(seen)
                        .isEqualTo(all.stream()
                                .filter(told -> told.index() > began && told.index() <= through)
                                .filter(matches)
                                .map(this::asAsked)
                                .toList());
            }

            private Told asAsked(Told told) {
                boolean previous = asked.getPreviousRow() == WatchPreviousRow.WATCH_PREVIOUS_ROW_FULL;
                return new Told(
                        told.index(),
                        told.position(),
                        told.kind(),
                        told.table(),
                        told.key(),
                        told.value(),
                        previous ? told.previous() : null);
            }

            private Told told(WatchEvent event) {
                assertThat(event.getPreviousRowMissing()).isFalse();
                return new Told(
                        event.getIndex(),
                        event.getPosition(),
                        event.getKind(),
                        event.getRow().getTable(),
                        event.getRow().getKey(),
                        event.getRow().getValue().getBytes().toStringUtf8(),
                        event.hasPreviousRow()
                                ? event.getPreviousRow().getValue().getBytes().toStringUtf8()
                                : null);
            }
        }
    }
}
