// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The vectors under {@code docs/vectors}, which other languages' implementations are tested with too. */
public final class TestVectors {

    private TestVectors() {}

    /** The list of that name in that file. */
    @SuppressWarnings("unchecked")
    public static <T> List<T> list(String file, String name) {
        try {
            String json = Files.readString(Path.of("..", "docs", "vectors", file));
            // Every JSON document is a YAML 1.2 document.
            Object document = requireNonNull(new Load(LoadSettings.builder().build()).loadFromString(json), file);
            return (List<T>) requireNonNull(((Map<?, ?>) document).get(name), name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static String text(Map<String, Object> vector, String member) {
        return (String) requireNonNull(vector.get(member), member);
    }

    public static long number(Map<String, Object> vector, String member) {
        return ((Number) requireNonNull(vector.get(member), member)).longValue();
    }
}
