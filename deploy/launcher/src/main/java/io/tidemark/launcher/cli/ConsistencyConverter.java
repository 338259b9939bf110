// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import io.tidemark.client.Consistency;
import io.tidemark.client.InvalidRequestException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads how fresh a read must be. One of {@code linearizable}, {@code index:N} and {@code time:INSTANT}; or any of the others, of which
 * all must hold, separated by commas.
 */
public final class ConsistencyConverter implements ITypeConverter<Consistency> {

    /** What may be said, for messages and help. */
    public static final String EXPECTED = "linearizable, index:N, time:INSTANT; or one or more of eventual, session,"
            + " session:TOKEN, bounded:DURATION, lag:COMMITS, separated by commas";

    private static final String LINEARIZABLE = "linearizable";
    private static final List<String> WHOLE = List.of(LINEARIZABLE, "index", "time");

    @Override
    public Consistency convert(String text) {
        List<String> parts = List.of(text.split(",", -1));
        if (WHOLE.contains(name(parts.get(0)))) {
            if (parts.size() > 1) {
                throw new TypeConversionException(
                        "'" + text + "': " + name(parts.get(0)) + " stands alone (expected: " + EXPECTED + ")");
            }
            return whole(parts.get(0), text);
        }
        Consistency.Relaxed relaxed = parts.contains("eventual") ? Consistency.eventual() : Consistency.session();
        for (String part : parts) {
            relaxed = with(relaxed, part, text);
        }
        return relaxed;
    }

    private static Consistency whole(String part, String text) {
        return switch (name(part)) {
            case "index" -> Consistency.asOf(number(part, text));
            case "time" -> Consistency.asOf(instant(part, text));
            default -> {
                requireNoArgument(part, text);
                yield Consistency.linearizable();
            }
        };
    }

    private static Consistency.Relaxed with(Consistency.Relaxed before, String part, String text) {
        return switch (name(part)) {
            case "eventual" -> {
                requireNoArgument(part, text);
                yield before;
            }
            case "session" -> part.equals("session") ? before : before.atLeast(token(part, text));
            case "bounded" -> before.maxStaleness(duration(part, text));
            case "lag" -> before.maxLag(number(part, text));
            default -> throw new TypeConversionException("'" + text + "' (expected: " + EXPECTED + ")");
        };
    }

    private static String name(String part) {
        int colon = part.indexOf(':');
        return colon < 0 ? part : part.substring(0, colon);
    }

    private static String argument(String part, String text, String expected) {
        int colon = part.indexOf(':');
        if (colon < 0 || colon == part.length() - 1) {
            throw wrong(part, text, expected);
        }
        return part.substring(colon + 1);
    }

    private static void requireNoArgument(String part, String text) {
        if (part.indexOf(':') >= 0) {
            throw wrong(part, text, name(part));
        }
    }

    private static Duration duration(String part, String text) {
        try {
            return DurationConverter.parse(argument(part, text, "bounded:DURATION, such as bounded:250ms"));
        } catch (TypeConversionException e) {
            throw wrong(part, text, "bounded:DURATION, such as bounded:250ms");
        }
    }

    private static long number(String part, String text) {
        String expected = name(part) + ":NUMBER, such as " + name(part) + ":42";
        try {
            long number = Long.parseLong(argument(part, text, expected));
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw wrong(part, text, expected);
        }
        throw wrong(part, text, expected);
    }

    private static Instant instant(String part, String text) {
        String expected = "time:INSTANT, such as time:2026-11-22T08:30:00Z";
        try {
            return Instant.parse(argument(part, text, expected));
        } catch (DateTimeException e) {
            throw wrong(part, text, expected);
        }
    }

    private static String token(String part, String text) {
        String token = argument(part, text, "session:TOKEN, as an answer gave it");
        try {
            Consistency unused = Consistency.atLeast(token);
            return token;
        } catch (InvalidRequestException e) {
            throw wrong(part, text, "session:TOKEN, as an answer gave it");
        }
    }

    private static TypeConversionException wrong(String part, String text, String expected) {
        String where = part.equals(text) ? "" : " in '" + text + "'";
        return new TypeConversionException("'" + part + "'" + where + " (expected: " + expected + ")");
    }
}
