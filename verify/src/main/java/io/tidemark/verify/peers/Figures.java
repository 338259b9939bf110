// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.peers;

import io.tidemark.bench.Result;

/** What the rounds of one measure gave for one system. */
public final class Figures {

    private static final double NANOS_PER_MILLI = 1e6;

    private final Samples rate = new Samples();
    private final Samples p50 = new Samples();
    private final Samples p99 = new Samples();
    private final Samples serverCpu = new Samples();
    private final Samples clientCpu = new Samples();
    private final Samples allocated = new Samples();

    public void add(Result result) {
        // One kind of call in each run.
        Result.Latencies latencies = result.latencies().values().stream()
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no call was answered: " + result.errors()));
        rate.add(result.rate());
        p50.add(latencies.p50() / NANOS_PER_MILLI);
        p99.add(latencies.p99() / NANOS_PER_MILLI);
        serverCpu.add(result.serverCpuPer100k().orElse(Double.NaN));
        clientCpu.add(result.clientCpuPer100k());
        allocated.add(result.clientAllocatedPerCall());
    }

    public Samples rate() {
        return rate;
    }

    public Samples p50() {
        return p50;
    }

    public Samples p99() {
        return p99;
    }

    public Samples serverCpu() {
        return serverCpu;
    }

    public Samples clientCpu() {
        return clientCpu;
    }

    /** Bytes that the client allocated for each call. */
    public Samples allocated() {
        return allocated;
    }
}
