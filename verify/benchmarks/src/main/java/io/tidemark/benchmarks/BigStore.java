// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A store several times the heap: a child process loads it and is killed after its last checkpoint, then it is opened
 * here. The child runs with this process's flags.
 */
public final class BigStore {
    private static final String LOADED = "loaded";
    private static final int VALUE_BYTES = 256;

    private BigStore() {}

    /** Takes the number of rows, ten million unless told, and the contender, the engine unless told. */
    public static void main(String[] args) throws IOException {
        if (args.length == 3) {
            Kind kind = Kind.valueOf(args[2]);
            loadUntilKilled(kind.open(Path.of(args[0])), new Dataset(Integer.parseInt(args[1]), VALUE_BYTES));
            return;
        }
        int rows = args.length == 0 ? 10_000_000 : Integer.parseInt(args[0]);
        Kind kind = args.length < 2 ? Kind.TIDEMARK : Kind.valueOf(args[1].toUpperCase(Locale.ROOT));
        try (Scratch scratch = Scratch.create()) {
            run(kind, scratch.directory(), new Dataset(rows, VALUE_BYTES));
        }
    }

    static void run(Kind kind, Path directory, Dataset data) throws IOException {
        long start = System.nanoTime();
        killAfterLoad(child(kind, directory, data));
        print("load, seconds", (System.nanoTime() - start) / 1e9);
        start = System.nanoTime();
        try (Contender store = kind.open(directory)) {
            print("open, ms", (System.nanoTime() - start) / 1e6);
            start = System.nanoTime();
            mustHave(store, data.key(0));
            print("first get, ms", (System.nanoTime() - start) / 1e6);
            byte[][] keys = data.presentKeys(10_000, 1);
            for (int pass = 1; pass <= 3; pass++) {
                start = System.nanoTime();
                for (byte[] key : keys) {
                    mustHave(store, key);
                }
                print("get, pass " + pass + ", us", (System.nanoTime() - start) / 1e3 / keys.length);
            }
            System.gc();
            print(
                    "heap after collection, MiB",
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / 1048576.0);
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("Rss") || line.startsWith("VmRSS")) {
                    System.out.println(line);
                }
            }
            System.out.println(store);
        }
    }

    private static void mustHave(Contender store, byte[] key) {
        if (store.get(key) == null) {
            throw new IllegalStateException("a row of the last checkpoint is missing");
        }
    }

    private static void print(String what, double value) {
        System.out.printf(Locale.ROOT, "%s: %.2f%n", what, value);
    }

    private static Process child(Kind kind, Path directory, Dataset data) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), BigStore.class.getName()));
        command.addAll(List.of(directory.toString(), Integer.toString(data.rows()), kind.name()));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static void killAfterLoad(Process child) throws IOException {
        try (BufferedReader lines = child.inputReader(StandardCharsets.UTF_8)) {
            if (!LOADED.equals(lines.readLine())) {
                throw new IllegalStateException("the loading process ended early");
            }
        } finally {
            child.destroyForcibly().onExit().join();
        }
    }

    /** Writes on after the last checkpoint: what it writes then may or may not be found. */
    private static void loadUntilKilled(Contender store, Dataset data) {
        int step = Math.max(1, data.rows() / 10);
        for (int at = 0; at < data.rows(); at += step) {
            data.load(store, at, Math.min(at + step, data.rows()), 1000, 250_000, 0);
            System.err.println("loaded " + Math.min(at + step, data.rows()) + " rows");
        }
        store.checkpoint();
        System.out.println(LOADED);
        System.out.flush();
        for (int round = 1; ; round++) {
            data.load(store, 0, data.rows(), 1000, Integer.MAX_VALUE, round);
        }
    }
}
