// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.routing;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A server, as this client finds it: whether it can be reached, how fast it answers, how much it has to do for us. Any thread notes
 * and reads; a race loses a sample, never more.
 */
public final class Server {

    /** What counts for a server of which nothing is known yet. */
    private static final double LATENCY_UNKNOWN_NANOS = 1_000_000;
    /** The weight of a new sample. */
    private static final double SAMPLE_WEIGHT = 1.0 / 8;
    /** The same after a while without samples, when the average says little. */
    private static final double LONE_SAMPLE_WEIGHT = 1.0 / 2;

    private static final long LONE_NANOS = 1_000_000_000;
    /** A server that owes answers counts as silent after so many times its usual latency, and not before the time below. */
    private static final double SILENT_LATENCIES = 10;

    private static final long SILENT_NANOS_MIN = 100_000_000;
    private static final int FAILURES_MAX = 3;
    private static final long BOX_NANOS = 1_000_000_000;
    private static final long OVERLOADED_NANOS_MIN = 20_000_000;

    /** That an index had to be waited for is forgotten after so many times the wait, so that seeing anew costs little beside it. */
    private static final double LAG_FORGOTTEN_TIMES = 10;

    private static final double LAG_FORGOTTEN_NANOS_MIN = 100_000_000;
    private static final long MISSED_NANOS_MIN = 100_000_000;

    private final String address;
    private final Connector connector;
    private final AtomicInteger outstanding = new AtomicInteger();
    private final Ejection ejection = new Ejection();

    private volatile @Nullable String id;
    private volatile boolean connected;
    private volatile double latencyNanos;
    private volatile long sampledNanos;
    private volatile double lagNanos;
    private volatile long lagSeenNanos;
    private volatile long answeredNanos;
    private volatile long busySinceNanos;
    private volatile int failuresInARow;
    private volatile boolean boxed;
    private volatile long boxedUntilNanos;
    private volatile long appliedIndex;

    /** Makes connections, when one is wanted. */
    @FunctionalInterface
    public interface Connector {
        /** Begins to connect if that has not been begun. Returns at once. */
        void connect();
    }

    /**
     * A server of which nothing is known yet.
     *
     * @param address {@code host:port}
     */
    public Server(String address, Connector connector) {
        this.address = address;
        this.connector = connector;
    }

    public String address() {
        return address;
    }

    /** The topology says so. */
    void identified(String serverId) {
        id = serverId;
    }

    /** Whether an answer that names this id is its own; where that is not known it may be. */
    public boolean mayBe(String serverId) {
        String known = id;
        return known == null || known.equals(serverId);
    }

    /** Whether an answer that names this id is certainly its own. */
    public boolean is(String serverId) {
        return serverId.equals(id);
    }

    /** A connection is wanted. */
    public void connect() {
        connector.connect();
    }

    public boolean isConnected() {
        return connected;
    }

    /** It can be reached now, or cannot. */
    public void connected(boolean now) {
        connected = now;
    }

    // What it is asked.

    /** A call goes to it. */
    public void begin(long nowNanos) {
        if (outstanding.getAndIncrement() == 0) {
            busySinceNanos = nowNanos;
        }
    }

    /** A call to it has ended, however. */
    public void end() {
        outstanding.decrementAndGet();
    }

    public int outstanding() {
        return outstanding.get();
    }

    /** It gave an answer, be it an error. */
    public void answered(long nowNanos) {
        answeredNanos = nowNanos;
        if (failuresInARow != 0) {
            failuresInARow = 0;
        }
    }

    /** How long a read took. */
    public void sampled(long nanos, long nowNanos) {
        double before = latencyNanos;
        double weight = nowNanos - sampledNanos > LONE_NANOS ? LONE_SAMPLE_WEIGHT : SAMPLE_WEIGHT;
        latencyNanos = before == 0 ? nanos : before + (nanos - before) * weight;
        sampledNanos = nowNanos;
    }

    /** A read took so long that may have had to wait there for an index. */
    public void waited(long nanos, long nowNanos) {
        double latency = latency();
        if (nanos < latency) {
            sampled(nanos, nowNanos);
        } else {
            sampledNanos = nowNanos;
        }
        lags((lagNanos + Math.max(0, nanos - latency)) / 2, nowNanos);
    }

    /** A read waited there for so long, and in vain, for an index. */
    public void missed(long nanos, long nowNanos) {
        lags((double) Math.max(nanos, MISSED_NANOS_MIN), nowNanos);
    }

    private void lags(double nanos, long nowNanos) {
        lagNanos = nanos;
        lagSeenNanos = nowNanos;
    }

    /** A call failed in a way that speaks against it. Whether it is ejected now: see {@link #ejection}. */
    public boolean failed(long nowNanos) {
        int failures = failuresInARow + 1;
        failuresInARow = failures;
        return failures >= FAILURES_MAX && ejection.eject(nowNanos);
    }

    /**
     * A call was given up without an answer. Whether it is ejected now: it is at once if it answered nothing else meanwhile. Whoever
     * did not wait as long as silence takes has found out nothing.
     */
    public boolean silentSince(long sentNanos, long nowNanos) {
        if (nowNanos - sentNanos < silenceNanos()) {
            return false;
        }
        boolean silent = answeredNanos == 0 || answeredNanos - sentNanos < 0;
        return silent ? ejection.eject(nowNanos) : failed(nowNanos);
    }

    public Ejection ejection() {
        return ejection;
    }

    /** It could not meet what a read asked of its freshness: others are asked first for a while. */
    public void behind(long nowNanos) {
        box(nowNanos + BOX_NANOS);
    }

    /** It has as much to do as it can take: others are asked first for as long as it says. */
    public void overloaded(long retryNanos, long nowNanos) {
        box(nowNanos + Math.max(retryNanos, OVERLOADED_NANOS_MIN));
    }

    private void box(long untilNanos) {
        if (!boxed || untilNanos - boxedUntilNanos > 0) {
            boxedUntilNanos = untilNanos;
            boxed = true;
        }
    }

    /** What it has applied, as an answer of its own says. */
    public void applied(long index) {
        if (index > appliedIndex) {
            appliedIndex = index;
        }
    }

    /** Indexes count anew. */
    public void historyChanged() {
        appliedIndex = 0;
    }

    // What it is worth.

    /** How far an index lies ahead of what it is known to have applied; not positive: it has. */
    public long lacks(long index) {
        return index - appliedIndex;
    }

    /** Whether a call should go there while others may do as well. */
    public boolean isWell(long nowNanos) {
        return connected && !ejection.isEjected() && !isBoxed(nowNanos) && !isSilent(nowNanos);
    }

    private boolean isBoxed(long nowNanos) {
        return boxed && nowNanos - boxedUntilNanos < 0;
    }

    private boolean isSilent(long nowNanos) {
        if (outstanding.get() == 0) {
            return false;
        }
        long answered = answeredNanos;
        long busySince = busySinceNanos;
        long heard = answered - busySince > 0 ? answered : busySince;
        return nowNanos - heard > silenceNanos();
    }

    private double silenceNanos() {
        return Math.max(SILENT_NANOS_MIN, SILENT_LATENCIES * latency());
    }

    double latency() {
        double known = latencyNanos;
        return known == 0 ? LATENCY_UNKNOWN_NANOS : known;
    }

    /** How long since its latency was last seen. */
    long unsampledFor(long nowNanos) {
        return nowNanos - sampledNanos;
    }

    /** The less the better: what a further call there may take that needs an index. */
    double cost(long floor, long nowNanos) {
        double work = latency() * (outstanding.get() + 1) * ejection.reluctance(nowNanos);
        return appliedIndex >= floor ? work : work + lagNanos(nowNanos);
    }

    /** How long an index that others have applied may have to be waited for; what is less than its latency is none. */
    private double lagNanos(long nowNanos) {
        double lag = lagNanos;
        return lag <= latency()
                        || nowNanos - lagSeenNanos > Math.max(LAG_FORGOTTEN_NANOS_MIN, LAG_FORGOTTEN_TIMES * lag)
                ? 0
                : lag;
    }

    @Override
    public String toString() {
        return address;
    }
}
