// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The servers of one test, as a JUnit extension: ends whatever the test leaves running, and shows the logs of a test that
 * failed. Data and logs stay under {@code target/servers} until the test runs again.
 */
public final class Servers implements BeforeEachCallback, AfterEachCallback {

    private final List<ServerUnderTest> servers = new ArrayList<>();
    private Path directory = Path.of("target", "servers");

    /** Starts a raft node. */
    public ServerUnderTest startNode(String id, String... flags) {
        return startNode(Place.HERE, id, flags);
    }

    /** Starts a raft node there. */
    public ServerUnderTest startNode(Place place, String id, String... flags) {
        return start(place, "node", id, flags);
    }

    /** Starts a read replica. */
    public ServerUnderTest startReplica(String id, String... flags) {
        return startReplica(Place.HERE, id, flags);
    }

    /** Starts a read replica there. */
    public ServerUnderTest startReplica(Place place, String id, String... flags) {
        return start(place, "replica", id, flags);
    }

    /** Where this test's servers keep their data and logs. */
    public Path directory() {
        return directory;
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        directory = Path.of(
                        "target",
                        "servers",
                        context.getRequiredTestClass().getSimpleName(),
                        // Each run of a parameterised test has one of its own.
                        context.getRequiredTestMethod().getName()
                                + context.getDisplayName().replaceAll("[^A-Za-z0-9]+", "-"))
                .toAbsolutePath();
        deleteAll(directory);
        Files.createDirectories(directory);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (context.getExecutionException().isPresent()) {
            servers.forEach(server -> System.out.println(server.logTail()));
        }
        servers.forEach(ServerUnderTest::close);
    }

    private ServerUnderTest start(Place place, String role, String id, String... flags) {
        ServerUnderTest server = ServerUnderTest.start(role, id, directory, place, List.of(flags));
        servers.add(server);
        return server;
    }

    /** With all that is in it, if it is there. */
    static void deleteAll(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
