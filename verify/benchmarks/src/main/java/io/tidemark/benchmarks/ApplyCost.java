// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.sun.management.ThreadMXBean;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.CreateTableRequest;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.store.LogTime;
import io.tidemark.store.engine.MapDbEngine;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.CreateTableCommand;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.proto.v1.RequestIdentity;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreBirth;
import io.tidemark.store.state.StoreOptions;
import io.tidemark.store.transition.CommandResult;
import io.tidemark.store.transition.Outcome;
import io.tidemark.store.validate.SettingsRules;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/**
 * What a put costs a node beside consensus: entries of grouped puts from bytes to applied, over a store whose window of request ids
 * and whose history are full. Log time passes as if 25,000 puts came in each second. Prints CPU and allocation for each put: of the
 * applying thread, and of the whole process, which adds the garbage collector, the compiler, checkpoints and compaction. What making
 * the entries takes is not counted.
 */
public final class ApplyCost implements AutoCloseable {
    private static final int ROWS = Integer.getInteger("rows", 1_000_000);
    private static final int VALUE_BYTES = Integer.getInteger("valueBytes", 256);
    private static final int WINDOW = Integer.getInteger("window", 1_000_000);
    private static final int PUTS = Integer.getInteger("puts", 1_000_000);
    private static final int LOADED = Integer.getInteger("loaded", 3_000_000);
    private static final long NANOS_PER_PUT = 40_000;
    private static final int CHUNK_PUTS = 4096;

    private static final ThreadMXBean THREADS = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

    private final Scratch scratch = Scratch.create();
    private final Store store;
    private final GroupedPuts puts = new GroupedPuts(ROWS, VALUE_BYTES, 1);
    private long time;

    private ApplyCost() {
        StoreOptions options = StoreOptions.defaults();
        MapDbEngine engine = MapDbEngine.open(scratch.directory(), options.engine());
        HistoryId history = new HistoryId("0123456789abcdef");
        this.store = Store.create(engine, StoreBirth.ofNewHistory(history, settings()), options);
        createTable();
    }

    /**
     * {@code -Drows}, {@code -DvalueBytes}, {@code -Dloaded} (overwrites before the first measurement), {@code -Dputs} (of each
     * measurement); the arguments are puts per entry.
     */
    public static void main(String[] args) {
        try (ApplyCost cost = new ApplyCost()) {
            cost.load();
            for (String arg : args.length == 0 ? new String[] {"256", "256", "16", "1"} : args) {
                cost.measure(Integer.parseInt(arg));
            }
            System.out.println(cost.store.stats());
        }
    }

    private static StoreSettings settings() {
        return SettingsRules.defaults().toBuilder()
                .setMinRequestIds(Math.min(WINDOW, SettingsRules.defaults().getMinRequestIds()))
                .setMaxRequestIds(WINDOW)
                .build();
    }

    private void createTable() {
        apply(Entry.newBuilder()
                .setTransitionVersion(1)
                .setLeaderTime(now().toTimestamp())
                .addCommands(Command.newBuilder()
                        .setCreateTable(CreateTableCommand.newBuilder()
                                .setIdentity(RequestIdentity.newBuilder().setRequestId("create"))
                                .setRequest(CreateTableRequest.newBuilder().setTable(StoreFixture.TABLE))))
                .build());
    }

    /** Every row, then as many overwrites, by which the window fills up, and the compiler has seen them. */
    private void load() {
        for (int at = 0; at < ROWS; at += 256) {
            apply(parsed(puts.inOrder(at, Math.min(256, ROWS - at), store.appliedIndex(), now())));
        }
        for (int at = 0; at < LOADED; at += 256) {
            apply(parsed(puts.random(256, store.appliedIndex(), now())));
        }
    }

    private LogTime now() {
        time += NANOS_PER_PUT;
        return new LogTime(1_800_000_000L + time / 1_000_000_000, (int) (time % 1_000_000_000));
    }

    private void measure(int entryPuts) {
        int count = PUTS / (entryPuts == 1 ? 4 : 1);
        long threadCpu = 0;
        long madeCpu = 0;
        long allocated = 0;
        CpuShares sharesBefore = CpuShares.now();
        for (int at = 0; at < count; at += CHUNK_PUTS) {
            long begin = THREADS.getCurrentThreadCpuTime();
            ByteString[] entries = new ByteString[Math.max(1, CHUNK_PUTS / entryPuts)];
            for (int i = 0; i < entries.length; i++) {
                time += (entryPuts - 1) * NANOS_PER_PUT;
                entries[i] = puts.random(entryPuts, store.appliedIndex(), now());
            }
            long allocatedBefore = THREADS.getCurrentThreadAllocatedBytes();
            long made = THREADS.getCurrentThreadCpuTime();
            for (ByteString entry : entries) {
                apply(parsed(entry));
            }
            threadCpu += THREADS.getCurrentThreadCpuTime() - made;
            madeCpu += made - begin;
            allocated += THREADS.getCurrentThreadAllocatedBytes() - allocatedBefore;
        }
        CpuShares shares = CpuShares.now().since(sharesBefore);
        System.out.printf(
                Locale.ROOT,
                "%4d puts an entry: %6d ns thread, %6d ns process (%s), %6d bytes allocated, each put%n",
                entryPuts,
                threadCpu / count,
                (shares.process() - madeCpu) / count,
                shares.perPut(count),
                allocated / count);
    }

    private static Entry parsed(ByteString bytes) {
        try {
            return Entry.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    private void apply(Entry entry) {
        for (CommandResult result : store.apply(entry, ByteString.EMPTY).results()) {
            if (!(result.outcome() instanceof Outcome.Committed)
                    && !(result.outcome() instanceof Outcome.TableSettled)) {
                throw new IllegalStateException("outcome: " + result.outcome());
            }
        }
    }

    @Override
    public void close() {
        store.close();
        scratch.close();
    }
}
