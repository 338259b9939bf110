// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.tidemark.server.call.Workers;
import io.tidemark.server.upkeep.BackupOptions;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionHandler;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads of a node, beside those of the network, of Ratis, of the store and of the timers.
 *
 * @param readers reads that take long, streams and watches; may wait for the disk. New reads are refused when too many wait
 * @param upkeep backups, checks and checkpoints; may wait for the disk and for the store's writer. As {@code readers}
 * @param proving what waited for a proof or an index goes on here; may not wait. As many as reads that wait, which are bounded by calls
 * @param answers makes the answers of writes, one thread so that they come in order; bounded by the writes under way. Refuses at the
 *     end, so that whoever has an outcome tells it itself
 * @param sweeps expiry and the dropping of tables; reads from the disk. One task at a time
 * @param feeding what replicas are sent that are near; may not wait. At most one task for each, and one more
 * @param feedReads what replicas are sent that are behind; waits for the disk, two tasks for each at most. They hold up each other, and
 *     nobody who is near
 * @param copies copies of shards; wait for the disk and for their receivers. Bounded by the copies that may be under way
 * @param knocks looks whether the leader's process has ended; waits for the network, a moment each time
 * @param changes what follows from a new leader, and writes that go on; bounded by the writes under way
 */
record Pools(
        Workers readers,
        Workers upkeep,
        ExecutorService proving,
        ExecutorService answers,
        ExecutorService sweeps,
        ExecutorService feeding,
        Workers feedReads,
        Workers copies,
        ExecutorService knocks,
        ExecutorService changes)
        implements AutoCloseable {

    private static final int READERS_WAITING_MAX = 1_000;

    /**
     * Each backup that may be under way, with a caller who comes back for it; a comparison of digests, which waits, and the check of
     * this node's own files that it waits for.
     */
    private static final int UPKEEP_THREADS = 2 * BackupOptions.defaults().backupsMax() + 2;

    private static final int UPKEEP_WAITING_MAX = 16;

    private static final int FEED_READERS = 2;

    /** @param copiesMax how many copies of shards may be under way; each may have a receiver who comes back for the rest */
    static Pools open(int copiesMax) {
        int processors = Math.max(2, Runtime.getRuntime().availableProcessors());
        return new Pools(
                new Workers("long-reads", processors, READERS_WAITING_MAX),
                new Workers("upkeep", UPKEEP_THREADS, UPKEEP_WAITING_MAX),
                pool("fresh", processors, new ThreadPoolExecutor.DiscardPolicy()),
                pool("answers", 1, new ThreadPoolExecutor.AbortPolicy()),
                pool("sweeper", 1, new ThreadPoolExecutor.DiscardPolicy()),
                pool("feed", processors, new ThreadPoolExecutor.DiscardPolicy()),
                new Workers("feed-reads", FEED_READERS, READERS_WAITING_MAX),
                new Workers("copies", 2 * copiesMax, READERS_WAITING_MAX),
                pool("succession", 1, new ThreadPoolExecutor.AbortPolicy()),
                pool("leader-changes", 1, new ThreadPoolExecutor.DiscardPolicy()));
    }

    private static ExecutorService pool(String name, int threads, RejectedExecutionHandler atTheEnd) {
        return new ThreadPoolExecutor(
                threads,
                threads,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> {
                    Thread thread = new Thread(task, name);
                    thread.setDaemon(true);
                    return thread;
                },
                atTheEnd);
    }

    /** Nobody reads the store any more when this returns. */
    @Override
    public void close() {
        readers.close();
        upkeep.close();
        copies.close();
        feedReads.close();
        List.of(changes, knocks, feeding, sweeps, answers, proving).forEach(ExecutorService::shutdownNow);
    }
}
