// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.data;

import io.tidemark.client.Scan;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which keys of a table, for commands to mix in. */
final class RangeOption {

    @Option(names = "--prefix", paramLabel = "PREFIX", order = 1, description = "Keys that start so.")
    private @Nullable String prefix;

    @Option(names = "--from", paramLabel = "KEY", order = 2, description = "Keys from this one on.")
    private @Nullable String from;

    @Option(names = "--to", paramLabel = "KEY", order = 3, description = "Keys before this one.")
    private @Nullable String to;

    /** Whether it says any. */
    boolean isGiven() {
        return prefix != null || from != null || to != null;
    }

    <V, E extends RuntimeException> Scan<V> addTo(Scan<V> all, Function<String, E> wrongUsage) {
        if (prefix != null) {
            if (from != null || to != null) {
                throw wrongUsage.apply("--prefix beside --from or --to (expected: the one or the others)");
            }
            return all.prefix(prefix);
        }
        Scan<V> scan = from == null ? all : all.from(from);
        return to == null ? scan : scan.to(to);
    }
}
