// SPDX-License-Identifier: Apache-2.0
package io.tidemark.distribution;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** YAML as JSON, which is how Kubernetes reads it, too. */
final class Yaml {

    private static final Gson GSON = new Gson();

    private Yaml() {}

    /** The one document of a file. */
    static JsonObject document(Path file) {
        List<JsonObject> documents = documents(SourceTree.read(file));
        if (documents.size() != 1) {
            throw new AssertionError(file + " has " + documents.size() + " documents (expected: 1)");
        }
        return documents.get(0);
    }

    static List<JsonObject> documents(String text) {
        LoadSettings settings =
                LoadSettings.builder().setSchema(new CoreSchema()).build();
        List<JsonObject> documents = new ArrayList<>();
        for (Object document : new Load(settings).loadAllFromString(text)) {
            if (document != null) {
                documents.add(GSON.toJsonTree(document).getAsJsonObject());
            }
        }
        return documents;
    }

    /** The texts of a list of texts; none if there is no list. */
    static List<String> texts(JsonObject object, String name) {
        JsonElement list = object.get(name);
        return list == null
                ? List.of()
                : list.getAsJsonArray().asList().stream()
                        .map(JsonElement::getAsString)
                        .toList();
    }

    /** The objects of a list of objects; none if there is no list. */
    static List<JsonObject> objects(JsonObject object, String name) {
        JsonElement list = object.get(name);
        return list == null
                ? List.of()
                : list.getAsJsonArray().asList().stream()
                        .map(JsonElement::getAsJsonObject)
                        .toList();
    }

    /** What is found by these names, one within the other; fails the test if it is not there. */
    static JsonObject within(JsonObject object, String... names) {
        JsonObject found = object;
        for (String name : names) {
            JsonElement next = found.get(name);
            if (next == null || !next.isJsonObject()) {
                throw new AssertionError("no " + name + " in " + found);
            }
            found = next.getAsJsonObject();
        }
        return found;
    }

    static String text(JsonObject object, String name) {
        JsonElement value = object.get(name);
        if (value == null || !value.isJsonPrimitive()) {
            throw new AssertionError("no " + name + " in " + object);
        }
        return value.getAsString();
    }
}
