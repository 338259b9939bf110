// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds the development cluster that runs in a directory, by the file that {@code tidemark dev} writes. */
final class DevClusterFile {

    /** Relative to the directory that {@code tidemark dev} was started in. */
    static final String FILE = "tidemark-dev/cluster.json";

    private DevClusterFile() {}

    private record Content(@Nullable List<Server> servers) {}

    private record Server(@Nullable String role, @Nullable String client, long pid) {

        boolean isAlive() {
            return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
        }
    }

    /** Where clients reach its servers, nodes first; empty: none runs here. */
    static Optional<List<String>> runningIn(Path directory) {
        return runningIn(directory, List.of("node", "replica"));
    }

    /** The same of its nodes alone. */
    static Optional<List<String>> nodesRunningIn(Path directory) {
        return runningIn(directory, List.of("node"));
    }

    private static Optional<List<String>> runningIn(Path directory, List<String> roles) {
        Path file = directory.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        List<Server> servers = read(file);
        List<String> addresses =
                roles.stream().flatMap(role -> clients(servers, role)).toList();
        return addresses.isEmpty() || servers.stream().noneMatch(Server::isAlive)
                ? Optional.empty()
                : Optional.of(addresses);
    }

    private static Stream<String> clients(List<Server> servers, String role) {
        return servers.stream()
                .filter(server -> role.equals(server.role()))
                .flatMap(server -> Stream.ofNullable(server.client()));
    }

    /** A file that cannot be read tells of no cluster: whoever means another one says --endpoints. */
    private static List<Server> read(Path file) {
        try {
            Content content = new Gson().fromJson(Files.readString(file), Content.class);
            return content == null || content.servers() == null ? List.of() : content.servers();
        } catch (IOException | JsonParseException e) {
            return List.of();
        }
    }
}
