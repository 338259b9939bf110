// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.data;

import io.tidemark.client.WriteOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** What names a write, so that it can be repeated and happens once, for commands to mix in. */
final class WriteOption {

    @ArgGroup(exclusive = false, multiplicity = "0..1", order = 40)
    private @Nullable Name name;

    static final class Name {
        @Option(
                names = "--request-id",
                paramLabel = "ID",
                required = true,
                order = 40,
                description = "Names the write: however often it is repeated, it happens once.")
        private String requestId = "";

        @Option(
                names = "--first-sent-index",
                paramLabel = "N",
                required = true,
                order = 41,
                description = "With it: the newest index that was known when it was first sent.")
        private long firstSentIndex;
    }

    WriteOptions toOptions() {
        WriteOptions options = WriteOptions.defaults();
        return name == null ? options : options.withRequestId(name.requestId, name.firstSentIndex);
    }
}
