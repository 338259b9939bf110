// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.config;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How an option's text becomes its value.
 *
 * @param expectation what is expected, as a noun phrase for error messages
 * @param parser throws {@link IllegalArgumentException} for text that is not as expected
 * @param isList whether a list in a file may stand for it
 */
public record Form<T>(String expectation, Function<String, T> parser, boolean isList) {

    private static final Pattern AMOUNT = Pattern.compile("([0-9]{1,12})([a-zA-Z]*)");
    private static final Pattern SERVER = Pattern.compile("(?:[^\\s:\\[\\]]+|\\[[^\\s\\[\\]]+]):([0-9]{1,5})");
    private static final Map<String, Long> MILLIS_PER_UNIT =
            Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);
    private static final Map<String, Long> BYTES_PER_UNIT =
            Map.of("", 1L, "B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30);

    static Form<String> text(String pattern, String expectation) {
        return new Form<>(
                expectation,
                text -> {
                    require(text.matches(pattern));
                    return text;
                },
                false);
    }

    /** What the client takes, so that it is refused where it was given and not when the client is made. */
    static Form<String> servers() {
        return new Form<>(
                "a list, each host:port of a server",
                text -> {
                    for (String server : text.split(",", -1)) {
                        Matcher matcher = SERVER.matcher(server.strip());
                        require(matcher.matches());
                        int port = Integer.parseInt(matcher.group(1));
                        require(port > 0 && port < 1 << 16);
                    }
                    return text;
                },
                true);
    }

    static Form<Integer> integer(int min, int max) {
        return new Form<>(
                "a whole number, " + min + " to " + max,
                text -> {
                    int number = Integer.parseInt(text);
                    require(number >= min && number <= max);
                    return number;
                },
                false);
    }

    static Form<Integer> port() {
        return new Form<>(
                "a port, 0 to 65535 (0: any free one)", integer(0, 65_535).parser(), false);
    }

    static Form<Boolean> bool() {
        return new Form<>(
                "true or false",
                text -> {
                    require(text.equals("true") || text.equals("false"));
                    return text.equals("true");
                },
                false);
    }

    static Form<Duration> duration(Duration min, Duration max) {
        return new Form<>(
                "a duration with its unit (ms, s, m, h, d), " + min.toMillis() + "ms to " + max.toSeconds() + "s",
                text -> {
                    Duration duration = Duration.ofMillis(amount(text, MILLIS_PER_UNIT));
                    require(duration.compareTo(min) >= 0 && duration.compareTo(max) <= 0);
                    return duration;
                },
                false);
    }

    static Form<Long> size(long min, long max) {
        return new Form<>(
                "a size in bytes or with its unit (KiB, MiB, GiB), " + min + " to " + max,
                text -> {
                    long bytes = amount(text, BYTES_PER_UNIT);
                    require(bytes >= min && bytes <= max);
                    return bytes;
                },
                false);
    }

    static Form<List<String>> list(String elements) {
        return new Form<>(
                "a list, each " + elements,
                text -> text.isBlank()
                        ? List.of()
                        : Arrays.stream(text.split(",", -1)).map(String::strip).toList(),
                true);
    }

    private static long amount(String text, Map<String, Long> units) {
        Matcher matcher = AMOUNT.matcher(text);
        require(matcher.matches());
        Long unit = units.get(matcher.group(2));
        require(unit != null);
        return Math.multiplyExact(Long.parseLong(matcher.group(1)), unit == null ? 1 : unit);
    }

    private static void require(boolean asExpected) {
        if (!asExpected) {
            throw new IllegalArgumentException("not as expected");
        }
    }
}
