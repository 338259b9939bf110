// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Lines of cells under a header, each column as wide as its widest cell. Of one thread. */
public final class TextTable {

    private static final Pattern NUMBER =
            Pattern.compile("-|[0-9][0-9.,/]*( (B|KiB|MiB|GiB|TiB|ms|s|min|h|d))?|unknown");
    private static final String GAP = "  ";

    private final List<List<String>> lines = new ArrayList<>();

    /** With these headers. */
    public TextTable(String... headers) {
        lines.add(List.of(headers));
    }

    /** Adds a line; what is empty shows as {@code -}. */
    public void add(String... cells) {
        if (cells.length != lines.get(0).size()) {
            throw new IllegalArgumentException(
                    "cells: " + cells.length + " (expected: " + lines.get(0).size() + ")");
        }
        List<String> line = new ArrayList<>();
        for (String cell : cells) {
            line.add(cell.isEmpty() ? "-" : cell);
        }
        lines.add(line);
    }

    /** All lines, each with its end. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (List<String> line : lines) {
            StringBuilder cells = new StringBuilder();
            for (int column = 0; column < line.size(); column++) {
                String padding = " ".repeat(width(column) - line.get(column).length());
                cells.append(column == 0 ? "" : GAP)
                        .append(isNumeric(column) ? padding + line.get(column) : line.get(column) + padding);
            }
            text.append(cells.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private int width(int column) {
        return lines.stream().mapToInt(line -> line.get(column).length()).max().orElse(0);
    }

    private boolean isNumeric(int column) {
        return lines.size() > 1
                && lines.stream()
                        .skip(1)
                        .allMatch(line -> NUMBER.matcher(line.get(column)).matches());
    }
}
