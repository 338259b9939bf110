// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CreateTableRequest;
import io.tidemark.proto.v1.DropTableRequest;
import io.tidemark.proto.v1.Existence;
import io.tidemark.proto.v1.Expiry;
import io.tidemark.proto.v1.KeyRange;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.RowCondition;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.proto.v1.TableSettings;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.CreateTableCommand;
import io.tidemark.store.proto.v1.DropStepCommand;
import io.tidemark.store.proto.v1.DropTableCommand;
import io.tidemark.store.proto.v1.DueRow;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.proto.v1.ExpireCommand;
import io.tidemark.store.proto.v1.RaiseHorizonCommand;
import io.tidemark.store.proto.v1.RequestIdentity;
import io.tidemark.store.validate.SettingsRules;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Entries from a seed: few keys and ids, so that they meet; clocks that jump; a share of nonsense. */
public final class RandomEntries {

    /** Small limits, so that they are run into. */
    public static final StoreSettings SETTINGS = SettingsRules.defaults().toBuilder()
            .setShardCount(16)
            .setMaxCommitRows(6)
            .setMaxCommitBytes(900)
            .setMaxValueBytes(120)
            .setMinRequestIds(10)
            .setMaxRequestIds(30)
            .setRequestIdRetention(Duration.newBuilder().setSeconds(40))
            .setHistoryRetention(Duration.newBuilder().setSeconds(100))
            .setHistoryBytes(8_000)
            .setMaxReplicas(3)
            .build();

    public static final List<String> KEYS = List.of("a", "b", "ba", "bb", "c", "ü", "\uffff", "\ud83d\ude00");
    private static final String[] VALUES = {
        "1", "-5", "9223372036854775807", "{}", "{\"a\":1e400, \"b\":{\"c\":null}}", "[1]", "text", "{\"I\":\"ı\"}"
    };
    private static final String[] PATCHES = {
        "{\"a\":null}", "{\"b\":{\"c\":2,\"d\":[null]}}", "{\"z\":18446744073709551615}", "{", "3", "{\"I\":1}"
    };

    private final SplittableRandom random;
    private final SplittableRandom replicas;
    private final List<Command> sent = new ArrayList<>();
    private long seconds = 1_000;
    private int requests;

    public RandomEntries(long seed) {
        this.random = new SplittableRandom(seed);
        this.replicas = new SplittableRandom(~seed);
    }

    /** The next entry for a store in that state. */
    public Entry next(StateReader state) {
        seconds += random.nextInt(12) - 2;
        Entry.Builder entry = Entry.newBuilder()
                .setTransitionVersion(1)
                .setLeaderTime(Timestamp.newBuilder().setSeconds(seconds).setNanos(random.nextInt(1_000_000_000)));
        for (int i = random.nextInt(5); i > 0; i--) {
            entry.addCommands(command(state));
        }
        if (replicas.nextInt(12) == 0) {
            entry.addCommands(RandomRegistry.command(replicas, state.registry()));
        }
        return entry.build();
    }

    private Command command(StateReader state) {
        int kind = random.nextInt(40);
        if (kind == 0) {
            return drop(state);
        }
        if (kind < 4) {
            return Command.newBuilder()
                    .setDropStep(DropStepCommand.newBuilder().setTable(table()).setLimit(random.nextInt(4)))
                    .build();
        }
        if (kind < 8) {
            return create(state);
        }
        if (kind < 11) {
            return expire(state);
        }
        if (kind == 39 && random.nextInt(8) == 0) {
            long behind = random.nextInt(40);
            return Command.newBuilder()
                    .setRaiseHorizon(RaiseHorizonCommand.newBuilder()
                            .setHorizon(Math.max(0, state.counters().lastIndex() - behind)))
                    .build();
        }
        if (kind < 14 && !sent.isEmpty()) {
            return sent.get(random.nextInt(sent.size()));
        }
        Command write = TestStore.write(identity(state), commit(state));
        sent.add(write);
        return write;
    }

    private RequestIdentity identity(StateReader state) {
        boolean reused = requests > 0 && random.nextInt(30) == 0;
        int number = reused ? random.nextInt(requests) : requests++;
        long known = state.counters().lastIndex() - (random.nextInt(10) == 0 ? random.nextInt(60) : 0);
        return TestStore.identity("r" + number, Math.max(0, known));
    }

    private CommitRequest.Builder commit(StateReader state) {
        CommitRequest.Builder commit = CommitRequest.newBuilder();
        for (int i = random.nextInt(8) - 6; i > 0; i--) {
            commit.addConditions(
                    TestStore.condition(key(), condition(state)).toBuilder().setTable(table()));
        }
        for (int i = random.nextInt(5); i >= 0; i--) {
            commit.addMutations(mutation().toBuilder().setTable(table()));
        }
        return commit;
    }

    private RowCondition.Builder condition(StateReader state) {
        RowCondition.Builder condition = RowCondition.newBuilder();
        return switch (random.nextInt(5)) {
            case 0 -> condition.setExistence(Existence.forNumber(random.nextInt(3)));
            case 1 -> condition.setModifiedIndex(Math.max(0, state.counters().lastIndex() - random.nextInt(4)));
            case 2 -> condition.setVersion(random.nextInt(4));
            case 3 -> condition.setValue(TestStore.value(pick(VALUES)));
            default -> condition;
        };
    }

    private Mutation mutation() {
        Expiry.Builder expiry = switch (random.nextInt(4)) {
            case 0 -> Expiry.newBuilder().setTtl(Duration.newBuilder().setSeconds(random.nextInt(30)));
            case 1 ->
                Expiry.newBuilder().setExpireTime(Timestamp.newBuilder().setSeconds(seconds + random.nextInt(30)));
            default -> Expiry.newBuilder().setNever(Expiry.Never.getDefaultInstance());
        };
        return switch (random.nextInt(12)) {
            case 0, 1, 2 -> TestStore.put(key(), pick(VALUES));
            case 3, 4 -> TestStore.put(key(), pick(VALUES), expiry);
            case 5 -> TestStore.put(key(), "v".repeat(random.nextInt(130)));
            case 6 -> TestStore.delete(key());
            case 7 -> TestStore.deleteRange(KeyRange.newBuilder().setPrefix("b"), random.nextInt(3));
            case 8 ->
                TestStore.deleteRange(KeyRange.newBuilder().setStart(key()).setEnd(key()), random.nextInt(3));
            case 9, 10 -> TestStore.patch(key(), pick(PATCHES));
            default -> TestStore.increment(key(), random.nextInt(7) - 3, random.nextInt(3));
        };
    }

    private Command create(StateReader state) {
        TableSettings.Builder settings = TableSettings.newBuilder();
        String table = table();
        if (table.equals("u")) {
            settings.setDefaultTtl(Duration.newBuilder().setSeconds(20)).setMaxValueBytes(60);
        }
        return Command.newBuilder()
                .setCreateTable(CreateTableCommand.newBuilder()
                        .setIdentity(identity(state))
                        .setRequest(
                                CreateTableRequest.newBuilder().setTable(table).setSettings(settings)))
                .build();
    }

    private Command drop(StateReader state) {
        return Command.newBuilder()
                .setDropTable(DropTableCommand.newBuilder()
                        .setIdentity(identity(state))
                        .setRequest(DropTableRequest.newBuilder().setTable(table())))
                .build();
    }

    private Command expire(StateReader state) {
        ExpireCommand.Builder expire = ExpireCommand.newBuilder();
        long last = state.counters().lastIndex();
        for (String key : KEYS) {
            for (long index = last; index > Math.max(0, last - 12); index--) {
                expire.addRows(DueRow.newBuilder().setTable(table()).setKey(key).setModifiedIndex(index));
            }
        }
        return Command.newBuilder().setExpire(expire).build();
    }

    private String table() {
        return random.nextInt(3) == 0 ? "u" : "t";
    }

    private String key() {
        return random.nextInt(60) == 0 ? "" : KEYS.get(random.nextInt(KEYS.size()));
    }

    private String pick(String[] choices) {
        return choices[random.nextInt(choices.length)];
    }
}
