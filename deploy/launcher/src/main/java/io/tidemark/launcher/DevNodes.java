// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import io.tidemark.server.process.LoopbackPorts;
import io.tidemark.server.process.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the raft nodes of a development cluster listen. Nodes know each other by their ports, so those are chosen once, when
 * the cluster is new, and stand in the file {@code nodes} of its directory.
 */
record DevNodes(List<Ports> nodes) {

    /** One node's. */
    record Ports(int client, int internal, int raft) {}

    private static final String FILE = "nodes";

    /** Those of the directory, or new ones. */
    static DevNodes in(Path directory, int count) throws IOException {
        Path file = directory.resolve(FILE);
        if (Files.exists(file)) {
            DevNodes known = parse(Files.readString(file).strip());
            if (known.nodes.size() != count) {
                throw new StartException("directory " + directory + " has a cluster of " + known.nodes.size()
                        + " nodes (expected: --nodes=" + known.nodes.size() + ", or another --data-dir)");
            }
            return known;
        }
        DevNodes chosen = choose(count);
        Path draft = directory.resolve(FILE + ".draft");
        Files.writeString(draft, chosen.toOption() + "\n");
        Files.move(draft, file);
        return chosen;
    }

    /** As {@code cluster.nodes} has it. */
    String toOption() {
        List<String> elements = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            Ports ports = nodes.get(i);
            elements.add("n" + (i + 1) + "@127.0.0.1:" + ports.client + "/" + ports.internal + "/" + ports.raft);
        }
        return String.join(",", elements);
    }

    private static DevNodes parse(String option) {
        List<Ports> nodes = new ArrayList<>();
        for (String element : option.split(",", -1)) {
            String[] ports = element.substring(element.lastIndexOf(':') + 1).split("/", -1);
            nodes.add(new Ports(Integer.parseInt(ports[0]), Integer.parseInt(ports[1]), Integer.parseInt(ports[2])));
        }
        return new DevNodes(nodes);
    }

    private static DevNodes choose(int count) {
        List<Ports> nodes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            nodes.add(new Ports(LoopbackPorts.next(), LoopbackPorts.next(), LoopbackPorts.next()));
        }
        return new DevNodes(nodes);
    }
}
