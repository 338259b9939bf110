// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.data;

import io.tidemark.client.Expiry;
import io.tidemark.client.WriteOptions;
import io.tidemark.launcher.cli.DurationConverter;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** When a row expires, for commands to mix in. */
final class ExpiryOption {

    @ArgGroup(exclusive = true, multiplicity = "0..1", order = 30)
    private @Nullable When when;

    static final class When {
        @Option(
                names = "--ttl",
                paramLabel = "DURATION",
                order = 30,
                converter = DurationConverter.class,
                description = "The row expires so long after it is written, such as 10m.")
        private @Nullable Duration ttl;

        @Option(
                names = "--expire-at",
                paramLabel = "INSTANT",
                order = 31,
                description = "It expires at this time, such as 2026-12-31T23:00:00Z.")
        private @Nullable Instant time;

        @Option(names = "--no-expiry", order = 32, description = "It never expires, whatever the table's default is.")
        private boolean never;
    }

    WriteOptions addTo(WriteOptions options) {
        if (when == null) {
            return options;
        }
        if (when.ttl != null) {
            return options.withExpiryAfter(when.ttl);
        }
        if (when.time != null) {
            return options.withExpiryAt(when.time);
        }
        return when.never ? options.withExpiry(Expiry.never()) : options;
    }
}
