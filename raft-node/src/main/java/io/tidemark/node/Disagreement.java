// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.tidemark.node.agreement.DisagreementListener;
import io.tidemark.proto.v1.AlarmKind;
import io.tidemark.server.upkeep.Alarms;
import io.tidemark.store.state.Store;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node does about rows that are not those of the other nodes. One that a majority outvotes answers nothing from its store any
 * more, feeds nobody and does not lead; it goes on voting and keeping the log, which is not what is wrong. It stays so until it takes
 * over another store. For any thread.
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
    private final Alarms alarms;
    private final Node node;
    private @Nullable String told;
    private volatile @Nullable String outvoted;

    Disagreement(String selfId, Alarms alarms, Node node) {
        this.selfId = selfId;
        this.alarms = alarms;
        this.node = node;
    }

    /** Why the node serves nothing; empty: it is not outvoted. */
    Optional<String> whyNotServing() {
        return Optional.ofNullable(outvoted);
    }

    @Override
    public synchronized void outvoted(Store store, String what) {
        String message = "the rows of node " + selfId + " are not those of a majority of the nodes (" + what
                + "): it serves nothing any more. Replace it by a node with a new id, and keep its directory for a look";
        outvoted = message;
        tell(message);
        node.mayLead(false);
        node.withdraw(message);
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

    /** There is another store, of which nothing is known yet. */
    synchronized void replaced() {
        if (told != null) {
            ended();
            node.mayLead(true);
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
