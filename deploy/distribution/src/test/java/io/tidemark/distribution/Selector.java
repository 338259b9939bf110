// SPDX-License-Identifier: Apache-2.0
package io.tidemark.distribution;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A metric as an expression of PromQL names it, and what its labels must be.
 *
 * @param matchers label, operator and value
 */
record Selector(String metric, List<Matching> matchers) {

    /** One of the conditions in braces. */
    record Matching(String label, String operator, String value) {

        /** The values that it names one by one: those of {@code =}, or of {@code =~} with nothing but alternatives. */
        List<String> values() {
            return List.of(value.split("\\|"));
        }
    }

    private static final Pattern TOKEN =
            Pattern.compile("\"(?:\\\\.|[^\"\\\\])*\"|'(?:\\\\.|[^'\\\\])*'|\\[[^]]*]|\\{[^}]*}"
                    + "|[a-zA-Z_:][a-zA-Z0-9_:]*|[0-9][0-9a-zA-Z.]*|\\S");
    private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
    private static final Pattern MATCHER = Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)\\s*(=~|!~|!=|=)\\s*\"([^\"]*)\"");
    private static final Set<String> GROUPING = Set.of("by", "without", "on", "ignoring", "group_left", "group_right");
    private static final Set<String> WORDS = Set.of("and", "or", "unless", "bool", "offset");

    /** All in an expression, in their order. */
    static List<Selector> in(String expression) {
        List<String> tokens = TOKEN.matcher(expression)
                .results()
                .map(result -> result.group())
                .toList();
        List<Selector> found = new ArrayList<>();
        for (int i = 0; i < tokens.size(); i++) {
            String token = tokens.get(i);
            String next = i + 1 < tokens.size() ? tokens.get(i + 1) : "";
            if (GROUPING.contains(token)) {
                i = next.equals("(") ? tokens.subList(i, tokens.size()).indexOf(")") + i : i;
            } else if (NAME.matcher(token).matches()
                    && !WORDS.contains(token)
                    && !next.equals("(")
                    && !GROUPING.contains(next)) {
                found.add(new Selector(token, next.startsWith("{") ? matchers(next) : List.of()));
            }
        }
        return found;
    }

    private static List<Matching> matchers(String braces) {
        List<Matching> matchers = new ArrayList<>();
        Matcher matcher = MATCHER.matcher(braces);
        while (matcher.find()) {
            matchers.add(new Matching(matcher.group(1), matcher.group(2), matcher.group(3)));
        }
        return matchers;
    }
}
