// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import io.tidemark.server.config.ValueType;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads durations as the servers' configuration does: a whole number with its unit. */
public final class DurationConverter implements ITypeConverter<Duration> {

    private static final ValueType<Duration> TYPE = ValueType.duration(Duration.ofMillis(1), Duration.ofDays(36_500));

    @Override
    public Duration convert(String text) {
        return parse(text);
    }

    /** The duration that a text says. */
    public static Duration parse(String text) {
        try {
            return TYPE.parser().apply(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(
                    "'" + text + "' (expected: a whole number and its unit, such as 250ms, 5s, 10m, 1h or 7d)");
        }
    }
}
