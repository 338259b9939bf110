// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import io.tidemark.server.process.StartException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * Where the raft nodes of a development cluster listen. Nodes know each other by their ports, so those are chosen once, when
 * the cluster is new, and stand in the file {@code nodes} of its directory.
 */
record DevNodes(List<Ports> nodes) {

    /** One node's. */
    record Ports(int client, int internal, int raft) {}

    private static final String FILE = "nodes";

    /** Below those that systems give away, so that nobody is given one that was chosen and is not yet open. */
    private static final int PORT_MIN = 20_000;

    private static final int PORT_MAX = 32_000;
    private static final int ATTEMPTS_MAX = 1_000;

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
        RandomGenerator random = RandomGenerator.getDefault();
        Set<Integer> taken = new TreeSet<>();
        List<Ports> nodes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            nodes.add(new Ports(choose(random, taken), choose(random, taken), choose(random, taken)));
        }
        return new DevNodes(nodes);
    }

    private static int choose(RandomGenerator random, Set<Integer> taken) {
        for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
            int port = random.nextInt(PORT_MIN, PORT_MAX);
            if (!taken.contains(port) && isFree(port)) {
                taken.add(port);
                return port;
            }
        }
        throw new StartException("no free port from " + PORT_MIN + " to " + PORT_MAX + " on 127.0.0.1");
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
