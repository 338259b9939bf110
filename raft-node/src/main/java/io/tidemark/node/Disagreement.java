// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.tidemark.node.agreement.DisagreementListener;
import io.tidemark.node.consensus.OutvotedMark;
import io.tidemark.proto.v1.AlarmKind;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.upkeep.Alarms;
import io.tidemark.store.state.Store;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node does about rows that are not those of the other nodes. One that a majority outvotes answers nothing from its store any
 * more, feeds nobody and does not lead; it goes on voting and keeping the log, which is not what is wrong. It stays so, over restarts
 * too, until it takes over another store. For any thread.
 */
final class Disagreement implements DisagreementListener {

    private static final Logger LOG = LoggerFactory.getLogger(Disagreement.class);

    /** What is done to the node. */
    interface Node {
        /** Nobody is answered from its store any more; callers are told why. */
        void withdraw(String why);

        void mayLead(boolean may);
    }

    private final String selfId;
    private final OutvotedMark mark;
    private final Ticker ticker;
    private final Alarms alarms;
    private final Node node;
    private @Nullable Store present;
    private @Nullable String told;
    private volatile @Nullable String outvoted;

    /** @param mark where it is kept that the store was outvoted */
    Disagreement(String selfId, OutvotedMark mark, Ticker ticker, Alarms alarms, Node node) {
        this.selfId = selfId;
        this.mark = mark;
        this.ticker = ticker;
        this.alarms = alarms;
        this.node = node;
    }

    /** Why the node serves nothing; empty: it is not outvoted. */
    Optional<String> whyNotServing() {
        return Optional.ofNullable(outvoted);
    }

    @Override
    public synchronized void outvoted(Store store, String what) {
        if (store != present) {
            // Another store is about to lie where this one's mark would be written.
            return;
        }
        String message = "the rows of node " + selfId + " are not those of a majority of the nodes (" + what
                + "): it serves nothing any more. Replace it by a node with a new id, and keep its directory for a look";
        tell(message);
        // First, so that no crash leaves a node that serves again.
        keep(message);
        outvoted = message;
        node.mayLead(false);
        node.withdraw(message);
    }

    private void keep(String message) {
        try {
            mark.write("since " + Instant.ofEpochSecond(0, ticker.now().wallNanos()) + ": " + message);
        } catch (IOException e) {
            LOG.error(
                    "{} cannot be written: after a restart node {} serves until it is compared again",
                    mark.file(),
                    selfId,
                    e);
        }
    }

    @Override
    public synchronized void undecided(Store store, String what) {
        tell("the rows of node " + selfId + " are not those of another node (" + what
                + "), and too few nodes answer to say which of them is wrong: bring the others back");
    }

    private void tell(String message) {
        if (!message.equals(told)) {
            LOG.error("{}", message);
            told = message;
        }
        alarms.raise(AlarmKind.ALARM_KIND_DIGEST_MISMATCH, subject(), message);
    }

    @Override
    public synchronized void agreed(Store store) {
        if (told != null && outvoted == null) {
            ended();
        }
    }

    /** The store is about to be closed and moved away. */
    synchronized void withdrawn() {
        present = null;
    }

    /**
     * There is a store: the one that was there at the start, or one in place of another, which nothing is known of yet.
     *
     * @return why it is not to be served; empty: it is
     */
    synchronized Optional<String> replaced(Store store) {
        present = store;
        Optional<String> marked = mark.read();
        if (marked.isPresent()) {
            outvoted = marked.get();
            tell(marked.get());
            node.mayLead(false);
        } else if (told != null) {
            ended();
            node.mayLead(true);
        }
        return marked;
    }

    /** The node can be kept from leading from now on. */
    synchronized void started() {
        if (outvoted != null) {
            node.mayLead(false);
        }
    }

    private void ended() {
        told = null;
        outvoted = null;
        alarms.clear(AlarmKind.ALARM_KIND_DIGEST_MISMATCH, subject());
    }

    private Map<String, String> subject() {
        return Map.of("node", selfId);
    }
}
