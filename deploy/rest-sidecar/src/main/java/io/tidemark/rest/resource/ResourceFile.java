// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.resource;

import io.tidemark.api.NearestName;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.rest.config.ConfigurationException;
import io.tidemark.rest.config.YamlDocument;
import io.tidemark.rest.http.ProblemException;
import io.tidemark.rest.kv.Asks;
import io.tidemark.rest.resource.ResourceSpec.Operation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the files that map paths to tables. What it does not understand is an error. */
public final class ResourceFile {

    private static final String RESOURCES = "resources";
    private static final String TOP_LEVEL = "";
    private static final List<String> MEMBERS = List.of("path", "table", "key", "generate", "operations", "reads");
    private static final List<String> OPERATIONS = List.of("get", "list", "create", "replace", "patch", "delete");
    private static final List<String> READS = List.of("get", "list");
    private static final List<String> RESERVED = List.of("v1", "openapi.json", "docs", "healthz", "readyz", "metrics");

    private final String file;
    private final List<String> problems;

    private ResourceFile(String file, List<String> problems) {
        this.file = file;
        this.problems = problems;
    }

    /**
     * The resources of all files.
     *
     * @throws ConfigurationException that names everything that is wrong with any of them
     */
    public static List<ResourceSpec> readAll(List<String> paths) {
        List<String> problems = new ArrayList<>();
        List<ResourceSpec> resources = new ArrayList<>();
        for (String path : paths) {
            Path file = Path.of(path);
            new ResourceFile(String.valueOf(file.getFileName()), problems).read(file, resources);
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return resources;
    }

    /** Adds the file's resources to those of the files before. */
    private void read(Path path, List<ResourceSpec> resources) {
        int before = problems.size();
        Object root = YamlDocument.read(path, problems);
        Map<?, ?> map = root instanceof Map<?, ?> members ? members : Map.of();
        requireKnown(TOP_LEVEL, map, List.of(RESOURCES));
        if (map.get(RESOURCES) instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                String where = RESOURCES + "[" + i + "]";
                ResourceSpec resource = resource(where, list.get(i));
                if (resource != null) {
                    requireFree(where + ".path", resource, resources);
                    resources.add(resource);
                }
            }
        } else if (problems.size() == before) {
            problem(TOP_LEVEL, "'" + RESOURCES + "' expected here, a list, and nothing else");
        }
    }

    private void requireKnown(String where, Map<?, ?> map, List<String> known) {
        for (Object name : map.keySet()) {
            if (!known.contains(name)) {
                problem(
                        where,
                        "unknown member '" + name + "' (" + NearestName.suggestion(String.valueOf(name), known) + ")");
            }
        }
    }

    /** Two may share a path, but no operation there: one of them would never be asked. */
    private void requireFree(String where, ResourceSpec resource, List<ResourceSpec> others) {
        for (ResourceSpec other : others) {
            if (other.path().equals(resource.path())
                    && !Collections.disjoint(other.operations(), resource.operations())) {
                problem(
                        where,
                        "'" + resource.path() + "' (expected: a path that no other resource has, or other operations)");
                return;
            }
        }
    }

    private @Nullable ResourceSpec resource(String where, @Nullable Object node) {
        int before = problems.size();
        if (!(node instanceof Map<?, ?> map)) {
            problem(where, "members expected here: " + String.join(", ", MEMBERS));
            return null;
        }
        requireKnown(where, map, MEMBERS);
        String path = text(
                where + ".path", map.get("path"), "/[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*", "a path as in /api/user");
        String table = text(where + ".table", map.get("table"), "[a-z][a-z0-9_-]{0,63}", "a table");
        List<String> key = texts(where + ".key", map.get("key"), "the names of members of each document");
        Object generate = map.get("generate");
        if (generate != null && !generate.equals("uuid")) {
            problem(where + ".generate", "'" + generate + "' (expected: uuid)");
        }
        if (RESERVED.contains(path.substring(Math.min(1, path.length())).split("/", -1)[0])) {
            problem(where + ".path", "'" + path + "' (expected: not below " + String.join(", ", RESERVED) + ")");
        }
        if (new LinkedHashSet<>(key).size() != key.size()) {
            problem(where + ".key", key + " (expected: each name once)");
        }
        Set<Operation> operations = operations(where + ".operations", map.get("operations"));
        if (map.get("reads") instanceof Map<?, ?> reads) {
            requireKnown(where + ".reads", reads, READS);
        }
        ReadOptions get = reads(where + ".reads", map.get("reads"), "get");
        ReadOptions list = reads(where + ".reads", map.get("reads"), "list");
        return problems.size() > before
                ? null
                : new ResourceSpec(path, table, key, generate != null, operations, get, list);
    }

    private Set<Operation> operations(String where, @Nullable Object node) {
        if (node == null) {
            return EnumSet.allOf(Operation.class);
        }
        Set<Operation> operations = EnumSet.noneOf(Operation.class);
        for (String name : texts(where, node, "some of " + String.join(", ", OPERATIONS))) {
            if (OPERATIONS.contains(name)) {
                operations.add(Operation.valueOf(name.toUpperCase(Locale.ROOT)));
            } else {
                problem(where, "unknown operation '" + name + "' (" + NearestName.suggestion(name, OPERATIONS) + ")");
            }
        }
        return operations;
    }

    private ReadOptions reads(String where, @Nullable Object node, String operation) {
        Object said = node instanceof Map<?, ?> map ? map.get(operation) : node;
        if (said == null) {
            return ReadOptions.getDefaultInstance();
        }
        try {
            return Asks.parse(String.valueOf(said));
        } catch (ProblemException e) {
            problem(where, String.valueOf(e.getMessage()));
            return ReadOptions.getDefaultInstance();
        }
    }

    private String text(String where, @Nullable Object node, String pattern, String expectation) {
        if (node instanceof String text && text.matches(pattern)) {
            return text;
        }
        problem(where, (node == null ? "missing" : "'" + node + "'") + " (expected: " + expectation + ")");
        return "";
    }

    private List<String> texts(String where, @Nullable Object node, String expectation) {
        List<?> all = node instanceof List<?> list ? list : node == null ? List.of() : List.of(node);
        List<String> texts = new ArrayList<>();
        for (Object one : all) {
            texts.add(text(where, one, "[A-Za-z][A-Za-z0-9_-]{0,63}", expectation));
        }
        if (texts.isEmpty()) {
            problem(where, "missing (expected: " + expectation + ")");
        }
        return texts;
    }

    private void problem(String where, String what) {
        problems.add(file + ": " + (where.equals(TOP_LEVEL) ? "" : where + ": ") + what);
    }
}
