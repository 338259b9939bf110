// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

import java.lang.management.ManagementFactory;

/**
 * What one run of operations took.
 *
 * @param micros wall time of one operation
 * @param cpuMicros processor time of one operation: of the calling thread, or of the process for what has a background
 */
record Sample(double micros, double cpuMicros) {
    static Sample ofThread(int operations, Runnable work) {
        long cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        long start = System.nanoTime();
        work.run();
        long nanos = System.nanoTime() - start;
        cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpu;
        return new Sample(nanos / 1e3 / operations, cpu / 1e3 / operations);
    }

    static Sample ofProcess(int operations, Runnable work) {
        long cpu = processCpu();
        long start = System.nanoTime();
        work.run();
        long nanos = System.nanoTime() - start;
        return new Sample(nanos / 1e3 / operations, (processCpu() - cpu) / 1e3 / operations);
    }

    private static long processCpu() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getProcessCpuTime();
    }
}
