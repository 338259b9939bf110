// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.data;

import io.tidemark.client.Condition;
import io.tidemark.launcher.cli.Streams;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** What must be so of a row for a write to happen, for commands to mix in. */
final class ConditionOption {

    @ArgGroup(exclusive = true, multiplicity = "0..1", order = 20)
    private @Nullable Choice choice;

    static final class Choice {
        @Option(names = "--if-absent", order = 20, description = "Only if there is no such row.")
        private boolean absent;

        @Option(names = "--if-present", order = 21, description = "Only if there is such a row.")
        private boolean present;

        @Option(
                names = "--if-index",
                paramLabel = "N",
                order = 22,
                description = "Only if the row was last changed by the commit at this index (modified_index).")
        private @Nullable Long index;

        @Option(names = "--if-version", paramLabel = "N", order = 23, description = "Only if the row has this version.")
        private @Nullable Long version;

        @Option(
                names = "--if-value",
                paramLabel = "VALUE",
                order = 24,
                description = "Only if the row's bytes are these; @FILE: those of a file.")
        private @Nullable String value;
    }

    /** Empty: nothing need be so. */
    Optional<Condition<byte[]>> condition(Streams streams) throws IOException {
        if (choice == null) {
            return Optional.empty();
        }
        if (choice.index != null) {
            return Optional.of(Condition.modifiedIndex(choice.index));
        }
        if (choice.version != null) {
            return Optional.of(Condition.version(choice.version));
        }
        if (choice.value != null) {
            return Optional.of(
                    Condition.valueEquals(GivenValue.read(choice.value, streams).bytes()));
        }
        return choice.absent
                ? Optional.of(Condition.absent())
                : choice.present ? Optional.of(Condition.present()) : Optional.empty();
    }
}
