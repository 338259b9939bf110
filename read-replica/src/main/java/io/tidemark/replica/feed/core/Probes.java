// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import io.tidemark.proto.v1.FeedProbe;
import io.tidemark.proto.v1.ProbeAnswer;
import io.tidemark.proto.v1.ProbeProof;
import io.tidemark.proto.v1.ProbeReach;
import io.tidemark.server.freshness.Proof;
import io.tidemark.server.freshness.Proofs;
import io.tidemark.server.time.Moment;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Proves how fresh the replica is: notes the moment, sends a probe, and when that very probe is answered, behind all that the answer
 * covers, everything that was acknowledged before the moment is here.
 *
 * <p>Probes go out periodically, and when somebody asks. Who asks while such a one is under way shares the next: a probe serves only
 * those who came before it was sent. Two at a time would serve half as many each, and cost the nodes twice as much.
 */
final class Probes {

    private static final int UNDER_WAY_MAX = 64;

    private static final class Sent {
        private final Moment moment;
        private final List<ProofListener> waiting;

        Sent(Moment moment, List<ProofListener> waiting) {
            this.moment = moment;
            this.waiting = new ArrayList<>(waiting);
        }
    }

    private final FeedOptions options;
    private final Ticker ticker;
    private final Timers timers;
    private final Proofs proofs;
    private final LongSupplier boundedReads;
    private final List<ProofListener> next = new ArrayList<>();
    private final TreeMap<Long, Sent> underWay = new TreeMap<>();
    private @Nullable Consumer<FeedProbe> sender;
    private Timers.@Nullable Pending tick;
    private Moment lastSent;
    private Moment lastAsked;
    private long boundedThen;
    private long ids;
    private long failed;

    /**
     * Sends nothing yet.
     *
     * @param proofs gets each proof once all that it covers can be read
     * @param boundedReads how many reads have asked for a bound so far, those that were answered at once included
     */
    Probes(FeedOptions options, Ticker ticker, Timers timers, Proofs proofs, LongSupplier boundedReads) {
        this.options = options;
        this.ticker = ticker;
        this.timers = timers;
        this.proofs = proofs;
        this.boundedReads = boundedReads;
        this.lastSent = ticker.now();
        this.lastAsked = lastSent;
    }

    /** There is an upstream to ask. Answers to what was sent before do not count. */
    void opened(Consumer<FeedProbe> to) {
        closed("the upstream changed");
        sender = to;
        send();
        schedule();
    }

    /** There is none. */
    void closed(String why) {
        sender = null;
        Timers.Pending pending = tick;
        if (pending != null) {
            pending.cancel();
        }
        List<Sent> open = new ArrayList<>(underWay.values());
        underWay.clear();
        open.forEach(sent -> fail(sent, why));
        List<ProofListener> rest = List.copyOf(next);
        next.clear();
        rest.forEach(listener -> listener.notProven(why));
    }

    /** By a probe that is sent from now on. */
    void prove(ProofListener listener) {
        if (sender == null) {
            listener.notProven("no node feeds this replica now");
            return;
        }
        boolean wasIdle = isIdle();
        lastAsked = ticker.now();
        next.add(listener);
        sendDemanded();
        if (wasIdle) {
            schedule();
        }
    }

    private void sendDemanded() {
        if (!next.isEmpty() && underWay.values().stream().allMatch(sent -> sent.waiting.isEmpty())) {
            send();
        }
    }

    private void send() {
        Consumer<FeedProbe> to = sender;
        if (to == null) {
            return;
        }
        next.forEach(ProofListener::begins);
        Sent sent = new Sent(ticker.now(), next);
        next.clear();
        ids++;
        underWay.put(ids, sent);
        lastSent = sent.moment;
        to.accept(FeedProbe.newBuilder()
                .setProbeId(ids)
                .setReach(ProbeReach.PROBE_REACH_LEADER)
                .build());
    }

    private void schedule() {
        Timers.Pending pending = tick;
        if (pending != null) {
            pending.cancel();
        }
        if (sender != null) {
            tick = timers.after(isIdle() ? options.idleProbeInterval() : options.probeInterval(), this::tick);
        }
    }

    private boolean isIdle() {
        return lastAsked.elapsedTo(ticker.now()).compareTo(options.idleAfter()) >= 0;
    }

    private void tick() {
        long bounded = boundedReads.getAsLong();
        if (bounded != boundedThen) {
            boundedThen = bounded;
            lastAsked = ticker.now();
        }
        dropLate();
        sendDemanded();
        boolean isDue = lastSent.elapsedTo(ticker.now()).compareTo(options.probeInterval()) >= 0;
        if (isDue && underWay.size() < UNDER_WAY_MAX) {
            send();
        }
        schedule();
    }

    private void dropLate() {
        Moment now = ticker.now();
        List<Sent> late = new ArrayList<>();
        Iterator<Sent> oldest = underWay.values().iterator();
        while (oldest.hasNext()) {
            Sent sent = oldest.next();
            if (sent.moment.elapsedTo(now).compareTo(options.probeTimeout()) < 0) {
                break;
            }
            oldest.remove();
            late.add(sent);
        }
        late.forEach(sent -> fail(sent, "a probe was not answered in time"));
    }

    /** The index that an answer covers; empty: it proves nothing. */
    static OptionalLong covered(ProbeAnswer answer) {
        ProbeProof proof = answer.getProof();
        boolean isWhole = answer.hasProof()
                && proof.hasCoveredIndex()
                && proof.getCoveredIndex() >= 0
                && proof.getReachCase() == ProbeProof.ReachCase.LEADER_CONFIRMED
                && answer.getTerm() >= 0;
        return isWhole ? OptionalLong.of(proof.getCoveredIndex()) : OptionalLong.empty();
    }

    /** Whether that very probe was sent, and waits for its answer. */
    boolean isUnderWay(long probeId) {
        return underWay.containsKey(probeId);
    }

    /** The last that was sent. */
    long lastSent() {
        return ids;
    }

    /** An answer came, and all that it covers can be read. */
    void proven(long probeId, long covered) {
        Sent sent = underWay.remove(probeId);
        if (sent == null) {
            return;
        }
        Proof proof = new Proof(sent.moment, covered);
        proofs.add(proof);
        List<ProofListener> waited = new ArrayList<>(sent.waiting);
        // Who waits for an earlier one came before this one was sent, too.
        for (Map.Entry<Long, Sent> earlier : underWay.headMap(probeId).entrySet()) {
            waited.addAll(earlier.getValue().waiting);
            earlier.getValue().waiting.clear();
        }
        waited.forEach(listener -> listener.proven(proof));
        sendDemanded();
    }

    /** An answer came that proves nothing. */
    void notProven(long probeId, String why) {
        Sent sent = underWay.remove(probeId);
        if (sent != null) {
            fail(sent, why);
            sendDemanded();
        }
    }

    private void fail(Sent sent, String why) {
        failed++;
        sent.waiting.forEach(listener -> listener.notProven(why));
    }

    /** How many came to nothing. */
    long failed() {
        return failed;
    }
}
