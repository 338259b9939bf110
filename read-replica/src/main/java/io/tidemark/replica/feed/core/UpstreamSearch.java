// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import io.tidemark.proto.v1.Topology;
import io.tidemark.server.time.Timers;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds a node to be fed by, of the right cluster: asks the first for the topology if there is none yet, and after a failure the next
 * one, after pauses that grow. Of the feed's thread.
 */
final class UpstreamSearch {

    private static final Logger LOG = LoggerFactory.getLogger(UpstreamSearch.class);

    private static final int DOUBLINGS_MAX = 10;

    /** For whom it looks. */
    interface Seeker {
        /** Whether nobody feeds it, and somebody should. */
        boolean isSeeking();

        /** What a node that was asked says the cluster is. */
        void note(Topology topology);

        /** That one. */
        void found(String address);
    }

    private final FeedOptions options;
    private final Network network;
    private final Upstreams upstreams;
    private final Seeker seeker;
    private final FeedEvents events;
    private final Timers timers;
    private final DoubleSupplier chance;
    private String clusterId;
    private int failures;
    private long found;

    /**
     * Looks for nobody yet.
     *
     * @param clusterId empty: the cluster of the first who answers
     * @param chance from 0 to 1, to spread retries
     */
    UpstreamSearch(
            String clusterId,
            FeedOptions options,
            Network network,
            Upstreams upstreams,
            Seeker seeker,
            FeedEvents events,
            Timers timers,
            DoubleSupplier chance) {
        this.clusterId = clusterId;
        this.options = options;
        this.network = network;
        this.upstreams = upstreams;
        this.seeker = seeker;
        this.events = events;
        this.timers = timers;
        this.chance = chance;
    }

    /** Empty while it is not known. */
    String clusterId() {
        return clusterId;
    }

    /** How often one was found. */
    long found() {
        return found;
    }

    /** Does nothing if nobody is needed now. */
    void begin() {
        if (!seeker.isSeeking()) {
            return;
        }
        String address = upstreams.next();
        if (upstreams.knowsNodes() && !clusterId.isEmpty()) {
            tell(address);
            return;
        }
        Consumer<Topology> met = topology -> met(address, topology);
        network.askTopology(address, answer -> {
            if (!seeker.isSeeking()) {
                return;
            }
            answer.filter(topology -> !topology.getClusterId().isEmpty())
                    .ifPresentOrElse(met, () -> again("node at " + address + " does not know the cluster now"));
        });
    }

    private void met(String address, Topology topology) {
        String theirs = topology.getClusterId();
        if (!clusterId.isEmpty() && !clusterId.equals(theirs)) {
            wrongCluster(address, theirs);
            return;
        }
        clusterId = theirs;
        seeker.note(topology);
        tell(upstreams.next());
    }

    private void tell(String address) {
        found++;
        seeker.found(address);
    }

    /** Whoever gave the addresses, or the directory, may have meant another one: nothing here is thrown away for it. */
    private void wrongCluster(String address, String theirs) {
        String message =
                "the node at " + address + " is of cluster " + theirs + ", and the data of this replica is of cluster "
                        + clusterId + ": give it nodes of that cluster, or an empty data-dir";
        if (found == 0) {
            events.failed(message, new IllegalStateException(message));
        } else {
            again(message);
        }
    }

    /** The last one was no good: another one, after a pause. */
    void again(String why) {
        Duration pause = upstreams.isExhausted() || failures > 0
                ? backoff()
                : options.retryMin().dividedBy(4);
        failures++;
        LOG.info("asks another upstream in {} ms: {}", pause.toMillis(), why);
        timers.after(pause, this::begin);
    }

    private Duration backoff() {
        Duration whole = options.retryMin().multipliedBy(1L << Math.min(failures, DOUBLINGS_MAX));
        Duration capped = whole.compareTo(options.retryMax()) > 0 ? options.retryMax() : whole;
        return Duration.ofNanos((long) (capped.toNanos() * (0.5 + chance.getAsDouble() / 2)));
    }

    /** The one that was found is good: pauses are short again. */
    void succeeded() {
        failures = 0;
    }

    /** There is no hurry: the next pause is the longest. */
    void slowDown() {
        failures = DOUBLINGS_MAX;
    }
}
