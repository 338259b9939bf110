// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.http;

import io.tidemark.api.HistoryId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names one state of one row: {@code "<history id>-<modified index>"}, with the form behind it where it is not the value as it is stored.
 *
 * @param form empty: the value as it is stored
 */
public record EntityTag(String historyId, long modifiedIndex, String form) {

    /** The form of the JSON document that describes a row. */
    public static final String ROW_FORM = "row";

    private static final Pattern OURS = Pattern.compile("\"([0-9a-z]{16})-([1-9][0-9]{0,18})(?:-([a-z]+))?\"");
    private static final Pattern ANY = Pattern.compile("\\s*(W/)?(\"[\\x21\\x23-\\x7e\\x80-\\xff]*\")\\s*(,|$)");

    /** What stands behind the name of a state whose bytes were packed on their way: they are others (RFC 9110, 8.8.3.3). */
    private static final String PACKED = "-gz\"";

    /** A tag, as text, of what was packed. One that is weak stays as it is. */
    public static String packed(String text) {
        return text.startsWith("\"") && !text.endsWith(PACKED) ? text.substring(0, text.length() - 1) + PACKED : text;
    }

    /** Of the same state as it is. */
    private static String unpacked(String text) {
        return text.endsWith(PACKED) ? text.substring(0, text.length() - PACKED.length()) + '"' : text;
    }

    /** As it stands in headers, with its quotes. */
    public String text() {
        return "\"" + historyId + "-" + modifiedIndex + (form.isEmpty() ? "" : "-" + form) + "\"";
    }

    /** Reads one of ours; empty: it is not. */
    public static Optional<EntityTag> parse(String text) {
        Matcher matcher = OURS.matcher(text);
        if (!matcher.matches() || !HistoryId.isValid(matcher.group(1))) {
            return Optional.empty();
        }
        try {
            String form = matcher.group(3);
            return Optional.of(
                    new EntityTag(matcher.group(1), Long.parseLong(matcher.group(2)), form == null ? "" : form));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /**
     * What {@code If-Match} or {@code If-None-Match} says.
     *
     * @param any {@code *}
     * @param strong as they were given, with their quotes; packed or not, they name the same state
     * @param weak the same without their mark
     */
    public record Listed(boolean any, List<String> strong, List<String> weak) {

        /** Reads it. */
        public static Listed parse(String header, String value) {
            if (value.strip().equals("*")) {
                return new Listed(true, List.of(), List.of());
            }
            List<String> strong = new ArrayList<>();
            List<String> weak = new ArrayList<>();
            Matcher matcher = ANY.matcher(value);
            int position = 0;
            while (position < value.length()) {
                if (!matcher.find(position) || matcher.start() != position) {
                    throw Problem.invalid(
                                    header,
                                    header + ": '" + value
                                            + "' (expected: an ETag with its quotes, as an answer gave it, or *)")
                            .toException();
                }
                (matcher.group(1) == null ? strong : weak).add(unpacked(matcher.group(2)));
                position = matcher.end();
            }
            if (strong.isEmpty() && weak.isEmpty()) {
                throw Problem.invalid(header, header + ": empty (expected: an ETag with its quotes, or *)")
                        .toException();
            }
            return new Listed(false, strong, weak);
        }

        /** Whether that row is one of those that are named, as {@code If-None-Match} has it: weak ones count. */
        public boolean names(EntityTag tag) {
            return namesExactly(tag) || weak.contains(tag.text());
        }

        /** The same as {@code If-Match} has it: weak ones name nothing. */
        public boolean namesExactly(EntityTag tag) {
            return any || strong.contains(tag.text());
        }
    }
}
