// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import java.time.Duration;
import java.util.List;

/** How much CPU time processes of this machine have taken so far, user and system. */
public final class ProcessCpu {

    private ProcessCpu() {}

    /** In seconds, of all these together. */
    public static double secondsOf(List<Long> pids) {
        return pids.stream().mapToDouble(ProcessCpu::secondsOf).sum();
    }

    /** In seconds, of this process. */
    public static double secondsOfThis() {
        return secondsOf(ProcessHandle.current().pid());
    }

    private static double secondsOf(long pid) {
        Duration total = ProcessHandle.of(pid)
                .flatMap(process -> process.info().totalCpuDuration())
                .orElseThrow(() -> new IllegalArgumentException(
                        "process " + pid + " tells no CPU time (expected: a process that runs on this machine)"));
        return total.toNanos() / 1e9;
    }
}
