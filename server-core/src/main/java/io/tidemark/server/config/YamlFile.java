// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Reads a YAML file as dotted names with their text and line: {@code client: {port: 1}} and {@code client.port: 1} say the
 * same.
 */
final class YamlFile {

    /** More than any name has parts; a file can also contain itself. */
    private static final int DEPTH_MAX = 8;

    private final Path file;
    private final List<Assignment> assignments = new ArrayList<>();
    private final List<String> problems;

    private YamlFile(Path file, List<String> problems) {
        this.file = file;
        this.problems = problems;
    }

    /** Its assignments; whatever is wrong with its form is added to the problems. */
    static List<Assignment> read(Path file, List<String> problems) {
        YamlFile yaml = new YamlFile(file, problems);
        try {
            // Marks and not typed values: a problem should name its line, and 08 should stay 08.
            Optional<Node> root = new Compose(LoadSettings.builder()
                            .setLabel(file.toString())
                            .setSchema(new CoreSchema())
                            .build())
                    .composeString(Files.readString(file));
            root.ifPresent(node -> yaml.collect("", node, 0));
        } catch (NoSuchFileException e) {
            problems.add(file + ": no such file (expected: a YAML file with options)");
        } catch (IOException e) {
            problems.add(file + ": cannot be read: " + e);
        } catch (YamlEngineException e) {
            problems.add(file + ": not YAML: " + e.getMessage());
        }
        return yaml.assignments;
    }

    private void collect(String name, Node node, int depth) {
        if (depth > DEPTH_MAX) {
            problems.add(at(node) + ": nested too deeply (expected: at most " + DEPTH_MAX + " levels)");
        } else if (node instanceof MappingNode mapping) {
            for (NodeTuple entry : mapping.getValue()) {
                if (entry.getKeyNode() instanceof ScalarNode key) {
                    String inner = name.isEmpty() ? key.getValue() : name + "." + key.getValue();
                    collect(inner, entry.getValueNode(), depth + 1);
                } else {
                    problems.add(at(entry.getKeyNode()) + ": a name was expected here");
                }
            }
        } else if (node instanceof ScalarNode scalar
                && !name.isEmpty()
                && !node.getTag().equals(Tag.NULL)) {
            add(new Assignment(name, scalar.getValue(), at(node)));
        } else if (node instanceof SequenceNode list && !name.isEmpty()) {
            addList(name, list);
        } else {
            problems.add(at(node) + ": " + (name.isEmpty() ? "options" : "one value for " + name) + " expected here");
        }
    }

    /** As if its elements had been written with commas between them. */
    private void addList(String name, SequenceNode list) {
        List<String> elements = new ArrayList<>();
        for (Node element : list.getValue()) {
            if (element instanceof ScalarNode scalar && !scalar.getValue().contains(",")) {
                elements.add(scalar.getValue());
            } else {
                problems.add(at(element) + ": one value without commas expected here, in the list " + name);
                return;
            }
        }
        add(new Assignment(name, String.join(",", elements), at(list), true));
    }

    /** Two values for one name are a mistake, however they are written: one of them would be ignored. */
    private void add(Assignment assignment) {
        for (Assignment earlier : assignments) {
            if (earlier.name().equals(assignment.name())) {
                problems.add(assignment.source() + ": " + assignment.name() + " is given twice, first at "
                        + earlier.source());
                return;
            }
        }
        assignments.add(assignment);
    }

    private String at(Node node) {
        return node.getStartMark()
                .map(mark -> file.getFileName() + ":" + (mark.getLine() + 1))
                .orElse(file.toString());
    }
}
