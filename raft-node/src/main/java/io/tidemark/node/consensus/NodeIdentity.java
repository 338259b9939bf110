// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import io.tidemark.server.process.StartException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Whose directory it is, in the file {@code identity}. It is written as <em>preparing</em> before anything else, and as
 * <em>ready</em> before the node can vote. So a directory that is ready and whose log is gone has lost votes, and is refused; one
 * that was still being prepared never voted, and is made anew.
 */
record NodeIdentity(String clusterId, String nodeId) {

    private static final String CLUSTER = "cluster ";
    private static final String NODE = "node ";
    private static final String PREPARING = "preparing";
    private static final String READY = "ready";
    private static final String MAKING = "being made offline";

    /** The name of the Raft group, which is a function of the cluster's. */
    UUID group() {
        return UUID.nameUUIDFromBytes(("tidemark:" + clusterId).getBytes(StandardCharsets.UTF_8));
    }

    /** Takes an empty directory for a node that was never started. */
    void prepare(Path directory) throws IOException {
        Files.createDirectories(directory);
        Path file = NodeLayout.identity(directory);
        if (Files.exists(file)) {
            requireMade(directory);
            requireSame(directory);
            if (state(directory).equals(READY)) {
                throw new StartException("data directory " + directory
                        + " was started before: restart it without a bootstrap" + " or a join");
            }
        }
        List<Path> contents = List.of(
                NodeLayout.raft(directory),
                NodeLayout.store(directory),
                NodeLayout.newStore(directory),
                NodeLayout.oldStore(directory));
        if (!Files.exists(file) && contents.stream().anyMatch(Files::exists)) {
            throw new StartException("data directory " + directory + " holds a node's files but not whose they are"
                    + " (expected: an empty directory)");
        }
        write(directory, PREPARING);
        for (Path path : contents) {
            Disk.deleteTree(path);
        }
    }

    /** Takes a directory for a store that is made offline, of whom is not known yet: no start accepts it until it is ready. */
    static void making(Path directory) throws IOException {
        write(directory, List.of(), MAKING);
    }

    /** Whose a directory is that was once ready. */
    static NodeIdentity read(Path directory) throws IOException {
        Path file = NodeLayout.identity(directory);
        List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
        if (lines.size() < 2
                || !lines.get(0).startsWith(CLUSTER)
                || !lines.get(1).startsWith(NODE)
                || !state(directory).equals(READY)) {
            throw new StartException(
                    "data directory " + directory + " is not that of a node that was ever started (expected: one)");
        }
        return new NodeIdentity(
                lines.get(0).substring(CLUSTER.length()), lines.get(1).substring(NODE.length()));
    }

    void ready(Path directory) throws IOException {
        write(directory, READY);
    }

    /** Whether a directory is some node's that may have voted. */
    static boolean isReady(Path directory) {
        try {
            return Files.exists(NodeLayout.identity(directory))
                    && state(directory).equals(READY);
        } catch (IOException e) {
            throw new StartException("data directory " + directory + " cannot be read: " + e, e);
        }
    }

    /** Takes the directory of a node that was started before. */
    void require(Path directory) throws IOException {
        if (!Files.exists(NodeLayout.identity(directory))) {
            throw new StartException(
                    "data directory " + directory + " is empty: a new cluster needs a bootstrap, a new node"
                            + " a join. If a disk was lost, remove the node from the cluster and join under a new id");
        }
        requireMade(directory);
        requireSame(directory);
        if (!state(directory).equals(READY)) {
            throw new StartException(
                    "data directory " + directory + " was never started: repeat its bootstrap or join");
        }
        Path meta = NodeLayout.log(directory, group()).resolve("raft-meta");
        if (!Files.exists(meta)) {
            throw new StartException(
                    "data directory " + directory + " has lost its log and with it its votes: remove the node"
                            + " from the cluster and join under a new id");
        }
    }

    private static void requireMade(Path directory) throws IOException {
        if (state(directory).equals(MAKING)) {
            throw new StartException("data directory " + directory
                    + " holds a restore or recovery that did not come to its end: delete it and repeat that");
        }
    }

    private void requireSame(Path directory) throws IOException {
        List<String> lines = Files.readAllLines(NodeLayout.identity(directory));
        List<String> expected = lines();
        if (lines.size() != expected.size() + 1
                || !lines.subList(0, expected.size()).equals(expected)) {
            throw new StartException("data directory " + directory + " belongs to " + String.join(", ", lines)
                    + " (expected: " + String.join(", ", expected) + ")");
        }
    }

    private static String state(Path directory) throws IOException {
        List<String> lines = Files.readAllLines(NodeLayout.identity(directory));
        return lines.get(lines.size() - 1).replace("state ", "");
    }

    private List<String> lines() {
        return List.of(CLUSTER + clusterId, NODE + nodeId, "group " + group());
    }

    private void write(Path directory, String state) throws IOException {
        write(directory, lines(), state);
    }

    private static void write(Path directory, List<String> lines, String state) throws IOException {
        Path draft = directory.resolve("identity.draft");
        Files.write(
                draft,
                Stream.concat(lines.stream(), Stream.of("state " + state)).toList());
        Disk.sync(draft);
        Files.move(
                draft,
                NodeLayout.identity(directory),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        Disk.sync(directory);
    }
}
