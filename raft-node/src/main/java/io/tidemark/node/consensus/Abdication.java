// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives leadership away for as long as a part of this node says that it must not lead: what cannot apply must not keep others from
 * it. One thread of its own does all; reasons come from any thread.
 *
 * <p>The node is not kept from being elected. It tells the furthest voter to campaign at once, and then hears of that leader, so that
 * it does not campaign itself. Where nobody else can lead either, it comes round again no more often than elections do.
 */
final class Abdication implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Abdication.class);

    private final Consensus consensus;
    private final Duration pause;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread own = new Thread(task, "tidemark-consensus-abdication");
        own.setDaemon(true);
        return own;
    });

    /** Of its thread. */
    private final Set<String> unfit = new HashSet<>();

    /** Of its thread; null: none is due. */
    private @Nullable ScheduledFuture<?> next;

    /** @param pause between two attempts, and the limit of one */
    Abdication(Consensus consensus, Duration pause) {
        this.consensus = consensus;
        this.pause = pause;
    }

    /** Completes once a first attempt to give leadership away has ended, if there is anything to give away. */
    CompletableFuture<Void> mayLead(String part, boolean may) {
        return thread.isShutdown()
                ? CompletableFuture.completedFuture(null)
                : CompletableFuture.runAsync(() -> change(part, may), thread);
    }

    private void change(String part, boolean may) {
        boolean changed = may ? unfit.remove(part) : unfit.add(part);
        if (changed) {
            LOG.info("this node must not lead because of: {}", unfit.isEmpty() ? "nothing, it may again" : unfit);
        }
        if (!unfit.isEmpty() && (next == null || (changed && !may))) {
            attempt();
        }
    }

    private void attempt() {
        ScheduledFuture<?> due = next;
        if (due != null) {
            due.cancel(false);
            next = null;
        }
        if (unfit.isEmpty()) {
            return;
        }
        try {
            if (consensus.role() == Role.LEADER) {
                giveAway();
            }
        } catch (RuntimeException e) {
            LOG.warn("leadership was not given away; tried again in {}", pause, e);
        }
        if (!thread.isShutdown()) {
            next = thread.schedule(this::attempt, pause.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void giveAway() {
        if (consensus.membership().voters().size() < 2) {
            return;
        }
        Optional<String> furthest = consensus.furthestOther();
        if (furthest.isPresent()) {
            ChangeOutcome transfer =
                    consensus.transferLeadership(furthest.get(), pause).join();
            LOG.info("handing leadership over to {}: {}", furthest.get(), transfer);
        }
        if (consensus.role() == Role.LEADER) {
            LOG.info("stepping down: {}", consensus.stepDown(pause).join());
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
