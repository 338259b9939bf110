// SPDX-License-Identifier: Apache-2.0
package io.tidemark.distribution;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The objects that a directory below {@code deploy/kubernetes} makes. */
record Manifests(List<JsonObject> objects) {

    private static final Set<String> KNOWN_HERE =
            Set.of("apiVersion", "kind", "resources", "configMapGenerator", "generatorOptions");

    /** Those of {@code base}, which this class can read; for others {@code kubectl} is asked, and where there is none the test is skipped. */
    static Manifests of(String directory) {
        Path path = SourceTree.KUBERNETES.resolve(directory);
        if (directory.equals("base")) {
            List<JsonObject> objects = new ArrayList<>();
            collect(path, objects);
            return new Manifests(objects);
        }
        try {
            return new Manifests(Yaml.documents(
                    Program.orSkip("kubectl").run("kustomize", path.toString()).outputIfWell()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    List<JsonObject> ofKind(String kind) {
        return objects.stream()
                .filter(object -> Yaml.text(object, "kind").equals(kind))
                .toList();
    }

    /** Servers and sidecars. */
    List<Workload> workloads() {
        return Stream.concat(servers().stream(), sidecars().stream()).toList();
    }

    /** Nodes and replicas. */
    List<Workload> servers() {
        return ofKind("StatefulSet").stream().map(Workload::new).toList();
    }

    List<Workload> sidecars() {
        return ofKind("Deployment").stream().map(Workload::new).toList();
    }

    /** The one of a kind and name. */
    JsonObject named(String kind, String name) {
        return ofKind(kind).stream()
                .filter(object -> name(object).equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no " + kind + " " + name));
    }

    static String name(JsonObject object) {
        return Yaml.text(Yaml.within(object, "metadata"), "name");
    }

    private static void collect(Path directory, List<JsonObject> objects) {
        JsonObject kustomization = Yaml.document(directory.resolve("kustomization.yaml"));
        if (!KNOWN_HERE.containsAll(kustomization.keySet())) {
            throw new AssertionError(
                    directory + ": " + kustomization.keySet() + " (expected here: " + KNOWN_HERE + ")");
        }
        for (String resource : Yaml.texts(kustomization, "resources")) {
            Path path = directory.resolve(resource);
            if (Files.isDirectory(path)) {
                collect(path, objects);
            } else {
                objects.addAll(Yaml.documents(SourceTree.read(path)));
            }
        }
        for (JsonObject generated : Yaml.objects(kustomization, "configMapGenerator")) {
            objects.add(configMap(directory, generated));
        }
    }

    private static JsonObject configMap(Path directory, JsonObject generated) {
        JsonObject metadata = new JsonObject();
        metadata.addProperty("name", Yaml.text(generated, "name"));
        JsonObject data = new JsonObject();
        Yaml.texts(generated, "files")
                .forEach(file -> data.addProperty(file, SourceTree.read(directory.resolve(file))));
        JsonObject map = new JsonObject();
        map.addProperty("apiVersion", "v1");
        map.addProperty("kind", "ConfigMap");
        map.add("metadata", metadata);
        map.add("data", data);
        return map;
    }
}
