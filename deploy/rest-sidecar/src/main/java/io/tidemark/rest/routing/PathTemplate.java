// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.routing;

import io.tidemark.rest.http.Target;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A path with variables: {@code /v1/tables/{table}/rows/{key=**}}. */
public final class PathTemplate {

    /** A part between slashes. */
    private record Part(@Nullable String literal, String variable, boolean rest) {}

    private final String text;
    private final List<Part> parts;
    private final boolean slashAllowed;

    private PathTemplate(String text, List<Part> parts, boolean slashAllowed) {
        this.text = text;
        this.parts = parts;
        this.slashAllowed = slashAllowed;
    }

    /**
     * Reads one, as {@code google.api.http} spells them.
     *
     * @throws IllegalArgumentException if it uses what is not understood here
     */
    public static PathTemplate parse(String text) {
        List<Part> parts = new ArrayList<>();
        for (String part : text.substring(1).split("/", -1)) {
            if (!parts.isEmpty() && parts.get(parts.size() - 1).rest()) {
                throw new IllegalArgumentException("path template: " + text + " (expected: ** only at the end)");
            }
            if (part.startsWith("{") && part.endsWith("=**}")) {
                parts.add(new Part(null, part.substring(1, part.length() - 4), true));
            } else if (part.startsWith("{") && part.endsWith("}")) {
                parts.add(new Part(null, part.substring(1, part.length() - 1), false));
            } else if (part.contains("{") || part.contains("*")) {
                throw new IllegalArgumentException("path template: " + text + " (expected: {name} or {name=**})");
            } else {
                parts.add(new Part(part, "", false));
            }
        }
        return new PathTemplate(text, parts, false);
    }

    /** The same with or without a slash at the end. */
    public PathTemplate orWithSlash() {
        return new PathTemplate(text, parts, true);
    }

    /** Its variables, if that is such a path. */
    public Optional<Map<String, String>> match(Target target) {
        List<String> segments = target.segments();
        boolean rest = parts.get(parts.size() - 1).rest();
        if (target.endsWithSlash() && !slashAllowed) {
            return Optional.empty();
        }
        if (rest ? segments.size() < parts.size() : segments.size() != parts.size()) {
            return Optional.empty();
        }
        Map<String, String> variables = new LinkedHashMap<>();
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            if (part.rest()) {
                variables.put(part.variable(), String.join("/", segments.subList(i, segments.size())));
            } else if (part.literal() == null) {
                variables.put(part.variable(), segments.get(i));
            } else if (!part.literal().equals(segments.get(i))) {
                return Optional.empty();
            }
        }
        return Optional.of(variables);
    }

    /** The names of its variables. */
    public List<String> variables() {
        return parts.stream()
                .filter(part -> part.literal() == null)
                .map(Part::variable)
                .toList();
    }

    /** What decides between two that match: the more is fixed, the sooner; and what takes the rest, last. */
    int rank() {
        int fixed = (int) parts.stream().filter(part -> part.literal() != null).count();
        return fixed * 2 + (parts.get(parts.size() - 1).rest() ? 0 : 1);
    }

    @Override
    public String toString() {
        return text;
    }
}
