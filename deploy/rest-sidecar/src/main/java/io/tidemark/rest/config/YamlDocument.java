// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.schema.FailsafeSchema;

/** A YAML file whose scalars stay the text that they are: 08 stays 08. */
public final class YamlDocument {

    private YamlDocument() {}

    /** What the file holds: maps, lists and texts; null where it is empty. What is wrong with it is added to the problems. */
    public static @Nullable Object read(Path file, List<String> problems) {
        try {
            // A name that is given twice is refused: one of its values would be ignored.
            return new Load(LoadSettings.builder()
                            .setLabel(file.toString())
                            .setSchema(new FailsafeSchema())
                            .setAllowDuplicateKeys(false)
                            .build())
                    .loadFromString(Files.readString(file));
        } catch (NoSuchFileException e) {
            problems.add(file + ": no such file (expected: a YAML file)");
        } catch (IOException e) {
            problems.add(file + ": cannot be read: " + e);
        } catch (YamlEngineException e) {
            problems.add(file + ": not YAML: " + e.getMessage());
        }
        return null;
    }

    /** Dotted names with what stands there: a text, or a list of texts. */
    static Map<String, Object> flat(Path file, List<String> problems) {
        Map<String, Object> flat = new LinkedHashMap<>();
        Object root = read(file, problems);
        if (root instanceof Map<?, ?> map) {
            collect("", map, flat, file, problems);
        } else if (root != null) {
            problems.add(file + ": options expected here (name: value)");
        }
        return flat;
    }

    private static void collect(
            String prefix, Map<?, ?> map, Map<String, Object> flat, Path file, List<String> problems) {
        map.forEach((key, value) -> {
            String name = prefix.isEmpty() ? String.valueOf(key) : prefix + "." + key;
            if (value instanceof Map<?, ?> inner) {
                collect(name, inner, flat, file, problems);
            } else if (value == null || flat.put(name, value) != null) {
                problems.add(file.getFileName() + ": " + name
                        + (value == null ? ": one value expected here" : " is given twice"));
            }
        });
    }
}
