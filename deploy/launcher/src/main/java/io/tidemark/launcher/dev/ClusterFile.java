// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The file {@code cluster.json} in the directory of a cluster that runs: for its subcommands, for the other commands of {@code tidemark},
 * which look in it for endpoints, and for scripts. It is replaced as a whole at each change, and gone when the cluster is.
 */
record ClusterFile(Path path) {

    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    /**
     * What it says.
     *
     * @param ready whether all servers have been ready
     * @param supervisor the process that runs the cluster
     * @param control the socket at which that takes orders
     * @param ephemeral whether the directory goes with the cluster
     */
    record Content(boolean ready, Proc supervisor, String control, boolean ephemeral, List<Server> servers) {}

    /** A process. */
    record Proc(long pid, @Nullable String started) {

        static Proc of(ProcessIdentity process) {
            return new Proc(
                    process.pid(), process.started().map(Instant::toString).orElse(null));
        }

        ProcessIdentity identity() {
            return ClusterFile.identity(pid, started);
        }
    }

    /**
     * A server.
     *
     * @param state {@code running}, {@code paused} or {@code ended}
     * @param partitioned whether it is cut off from the other servers
     */
    record Server(
            String role,
            String id,
            @Nullable String client,
            @Nullable String internal,
            @Nullable String http,
            @Nullable String rest,
            String state,
            boolean partitioned,
            long pid,
            @Nullable String started,
            String log) {

        static Server of(ServerState server, Path log) {
            ServerPlan plan = server.plan();
            return new Server(
                    plan.role(),
                    plan.id(),
                    address(plan.ports().client()),
                    address(plan.ports().internal()),
                    address(plan.ports().http()),
                    address(plan.ports().rest()),
                    server.condition().name().toLowerCase(Locale.ROOT),
                    server.cutOff(),
                    server.process().pid(),
                    server.process().started().map(Instant::toString).orElse(null),
                    log.toString());
        }

        ProcessIdentity identity() {
            return ClusterFile.identity(pid, started);
        }

        /** The same, with its process gone. */
        Server ended() {
            return new Server(
                    role,
                    id,
                    client,
                    internal,
                    http,
                    rest,
                    ServerState.Condition.ENDED.name().toLowerCase(Locale.ROOT),
                    false,
                    pid,
                    started,
                    log);
        }

        private static @Nullable String address(int port) {
            return port == 0 ? null : ServerPlan.HOST + ":" + port;
        }
    }

    static ClusterFile in(Path directory) {
        return new ClusterFile(directory.resolve("cluster.json"));
    }

    /** Empty: no cluster runs in the directory, or none that left a word. */
    Optional<Content> read() throws IOException {
        try {
            Content content = GSON.fromJson(Files.readString(path), Content.class);
            if (content == null
                    || content.supervisor() == null
                    || content.control() == null
                    || content.servers() == null) {
                throw new IOException(path + " is not as `tidemark dev` writes it");
            }
            return Optional.of(content);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (JsonParseException e) {
            throw new IOException(path + " is not as `tidemark dev` writes it: " + e.getMessage(), e);
        }
    }

    /** Readers see all of it or none. */
    void write(Content content) throws IOException {
        Path draft = path.resolveSibling(path.getFileName() + ".draft");
        Files.writeString(draft, GSON.toJson(content) + "\n");
        Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    void delete() throws IOException {
        Files.deleteIfExists(path);
    }

    private static ProcessIdentity identity(long pid, @Nullable String started) {
        try {
            return new ProcessIdentity(pid, Optional.ofNullable(started).map(Instant::parse));
        } catch (DateTimeParseException e) {
            return new ProcessIdentity(pid, Optional.empty());
        }
    }
}
