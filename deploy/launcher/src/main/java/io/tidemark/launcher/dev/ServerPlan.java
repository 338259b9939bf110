// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One server of the cluster as it is to run.
 *
 * @param role the command that runs it
 * @param ports where it listens
 * @param options of its role, {@code --name=value}, beside those that follow from the rest
 */
record ServerPlan(String role, String id, Ports ports, List<String> options) {

    /** The address that servers listen on. */
    static final String HOST = "127.0.0.1";

    /**
     * The name under which they know each other. To everybody else it is the loopback interface, too; to a server it is whatever its
     * {@link HostsFile} says.
     */
    static final String KNOWN_AS = "localhost";

    static final String NODE = "node";
    static final String REPLICA = "replica";

    static final String SIDECAR = "sidecar";

    /** Ports of one server; 0: it has none of that kind. */
    record Ports(int client, int internal, int raft, int http, int rest) {

        Ports(int client, int internal, int raft, int http) {
            this(client, internal, raft, http, 0);
        }
    }

    ServerPlan {
        options = List.copyOf(options);
    }

    boolean isNode() {
        return role.equals(NODE);
    }

    /** Speaks HTTP to users and is itself a client of the cluster: no other server knows of it. */
    boolean isSidecar() {
        return role.equals(SIDECAR);
    }

    String clientAddress() {
        return HOST + ":" + ports.client();
    }

    String httpAddress() {
        return HOST + ":" + ports.http();
    }

    /** Where it keeps its data. */
    Path dataDir(Path clusterDir) {
        return clusterDir.resolve(id);
    }

    Path logFile(Path clusterDir) {
        return clusterDir.resolve(id + ".log");
    }

    /** What its command is given, the role itself left out. */
    List<String> flags(Path clusterDir) {
        if (isSidecar()) {
            List<String> flags = new ArrayList<>(
                    List.of("--host=" + HOST, "--rest.port=" + ports.rest(), "--http.port=" + ports.http()));
            flags.addAll(options);
            return flags;
        }
        List<String> flags = new ArrayList<>(List.of(
                "--id=" + id,
                "--data-dir=" + dataDir(clusterDir),
                "--host=" + HOST,
                "--advertised-host=" + KNOWN_AS,
                "--client.port=" + ports.client(),
                "--internal.port=" + ports.internal(),
                "--http.port=" + ports.http()));
        if (isNode()) {
            flags.add("--raft.port=" + ports.raft());
        }
        flags.addAll(options);
        return flags;
    }
}
