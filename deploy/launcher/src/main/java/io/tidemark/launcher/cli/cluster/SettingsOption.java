// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.cluster;

import io.tidemark.client.TableSettings;
import io.tidemark.launcher.cli.DurationConverter;
import io.tidemark.server.config.ValueType;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Settings of a table, for commands to mix in. {@code none} takes one away. */
final class SettingsOption {

    private static final String NONE = "none";
    private static final ValueType<Long> SIZE = ValueType.size(1, 8 << 20);

    @Option(
            names = "--default-ttl",
            paramLabel = "DURATION|none",
            order = 1,
            description = "How long rows live that are written without an expiry; none: for ever.")
    private @Nullable String defaultTtl;

    @Option(
            names = "--max-value",
            paramLabel = "SIZE|none",
            order = 2,
            description = "How large a value may be, such as 64KiB; none: as large as the cluster allows.")
    private @Nullable String maxValue;

    @Option(
            names = "--http-cache",
            paramLabel = "DURATION|none",
            order = 3,
            description = {
                "For how long browsers and CDNs may keep answers; none: not at all.",
                "They count in whole seconds, and from it is taken off how stale an answer says it is, rounded up: with a second or less none is ever kept."
            })
    private @Nullable String httpCache;

    boolean isGiven() {
        return defaultTtl != null || maxValue != null || httpCache != null;
    }

    /** What was said, and the rest as it was. */
    TableSettings addTo(TableSettings before) {
        TableSettings settings = before;
        if (defaultTtl != null) {
            settings = defaultTtl.equals(NONE)
                    ? settings.withoutDefaultTtl()
                    : settings.withDefaultTtl(duration("--default-ttl", defaultTtl));
        }
        if (maxValue != null) {
            settings = maxValue.equals(NONE)
                    ? settings.withoutMaxValueBytes()
                    : settings.withMaxValueBytes(size(maxValue));
        }
        if (httpCache != null) {
            settings = httpCache.equals(NONE)
                    ? settings.withoutHttpCacheAge()
                    : settings.withHttpCacheAge(duration("--http-cache", httpCache));
        }
        return settings;
    }

    private static Duration duration(String option, String text) {
        try {
            return DurationConverter.parse(text);
        } catch (TypeConversionException e) {
            throw new TypeConversionException(option + ": " + e.getMessage());
        }
    }

    private static long size(String text) {
        try {
            return SIZE.parser().apply(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(
                    "--max-value: '" + text + "' (expected: " + SIZE.expectation() + ", or none)");
        }
    }
}
