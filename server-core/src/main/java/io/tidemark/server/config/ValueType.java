// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How an option's text becomes its value.
 *
 * @param expectation what is expected, as a noun phrase for error messages: "a port, 0 to 65535"
 * @param parser throws {@link IllegalArgumentException} for text that is not as expected
 * @param isList whether a list in a file may stand for it
 */
public record ValueType<T>(String expectation, Function<String, T> parser, boolean isList) {

    public ValueType(String expectation, Function<String, T> parser) {
        this(expectation, parser, false);
    }

    private static final Pattern AMOUNT = Pattern.compile("([0-9]{1,15})([a-zA-Z]*)");
    private static final Map<String, Long> MILLIS_PER_UNIT =
            Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);
    private static final Map<String, Long> BYTES_PER_UNIT =
            Map.of("", 1L, "B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30);

    /** The value of a text; {@link IllegalArgumentException} if it is not as expected. */
    T parse(String text) {
        return parser.apply(text);
    }

    /** Throws {@link IllegalArgumentException} if the text is not as expected. */
    void check(String text) {
        T unused = parse(text);
    }

    /** Text that a pattern describes. */
    public static ValueType<String> text(Pattern pattern, String expectation) {
        return new ValueType<>(expectation, text -> {
            require(pattern.matcher(text).matches());
            return text;
        });
    }

    /** A TCP port; 0 lets the system choose a free one. */
    public static ValueType<Integer> port() {
        return new ValueType<>("a port, 0 to 65535 (0: any free one)", text -> {
            int port = Integer.parseInt(text);
            require(port >= 0 && port <= 65_535);
            return port;
        });
    }

    /** A length of time with its unit, such as {@code 250ms}. */
    public static ValueType<Duration> duration(Duration min, Duration max) {
        String expectation =
                String.format(Locale.ROOT, "a duration with its unit (ms, s, m, h, d), %s to %s", show(min), show(max));
        return new ValueType<>(expectation, text -> {
            Duration duration = Duration.ofMillis(amount(text, MILLIS_PER_UNIT));
            require(duration.compareTo(min) >= 0 && duration.compareTo(max) <= 0);
            return duration;
        });
    }

    /** A number of bytes, such as {@code 4MiB}. */
    public static ValueType<Long> size(long minBytes, long maxBytes) {
        String expectation = "a size in bytes or with its unit (KiB, MiB, GiB), " + minBytes + " to " + maxBytes;
        return new ValueType<>(expectation, text -> {
            long bytes = amount(text, BYTES_PER_UNIT);
            require(bytes >= minBytes && bytes <= maxBytes);
            return bytes;
        });
    }

    /** A whole number. */
    public static ValueType<Integer> integer(int min, int max) {
        return new ValueType<>("a whole number, " + min + " to " + max, text -> {
            int number = Integer.parseInt(text);
            require(number >= min && number <= max);
            return number;
        });
    }

    /** Yes or no. */
    public static ValueType<Boolean> bool() {
        return new ValueType<>("true or false", text -> {
            require(text.equals("true") || text.equals("false"));
            return text.equals("true");
        });
    }

    /** One of an enumeration's values, in lower case. */
    public static <E extends Enum<E>> ValueType<E> oneOf(Class<E> values) {
        Map<String, E> byName = new LinkedHashMap<>();
        for (E value : values.getEnumConstants()) {
            byName.put(value.name().toLowerCase(Locale.ROOT).replace('_', '-'), value);
        }
        return new ValueType<>("one of " + String.join(", ", byName.keySet()), text -> {
            E value = byName.get(text);
            if (value == null) {
                throw new IllegalArgumentException("not one of them");
            }
            return value;
        });
    }

    /** Any number of values, between commas or as a list in the file. Empty: none. */
    public static <T> ValueType<List<T>> list(ValueType<T> element) {
        return new ValueType<>("a list, each " + element.expectation(), text -> elements(element, text), true);
    }

    private static <T> List<T> elements(ValueType<T> element, String text) {
        if (text.isBlank()) {
            return List.of();
        }
        // With -1 a comma at the end is an empty element, and refused as such.
        return Arrays.stream(text.split(",", -1))
                .map(String::strip)
                .map(element::parse)
                .toList();
    }

    /** A file or directory; relative ones are relative to the directory the process was started in. */
    public static ValueType<Path> path() {
        return new ValueType<>("a path", text -> {
            require(!text.isEmpty());
            try {
                return Path.of(text).toAbsolutePath().normalize();
            } catch (InvalidPathException e) {
                throw new IllegalArgumentException(e);
            }
        });
    }

    private static long amount(String text, Map<String, Long> units) {
        Matcher matcher = AMOUNT.matcher(text);
        require(matcher.matches());
        Long unit = units.get(matcher.group(2));
        if (unit == null) {
            throw new IllegalArgumentException("unit");
        }
        try {
            return Math.multiplyExact(Long.parseLong(matcher.group(1)), unit);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static void require(boolean asExpected) {
        if (!asExpected) {
            throw new IllegalArgumentException("not as expected");
        }
    }

    private static String show(Duration duration) {
        return duration.toMillis() % 1_000 == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
    }
}
