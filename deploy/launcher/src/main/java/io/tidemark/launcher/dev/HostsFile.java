// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What one server's Java takes for the names of hosts. Under the name by which servers know each other, each finds an address of the
 * loopback interface that is its own, where {@link Links} wait for it: so they know who speaks.
 */
record HostsFile(Path path) {

    static HostsFile write(ServerPlan server, String address, Path clusterDir) throws IOException {
        Path path = clusterDir.resolve(server.id() + ".hosts");
        StringBuilder lines = new StringBuilder(address + " " + ServerPlan.KNOWN_AS + "\n");
        try {
            String self = InetAddress.getLocalHost().getHostName();
            if (!self.equals(ServerPlan.KNOWN_AS)) {
                lines.append(ServerPlan.HOST).append(' ').append(self).append('\n');
            }
        } catch (UnknownHostException nameless) {
            // Then nobody in the server finds its name either, here or without this file.
            lines.append("# this machine's name has no address\n");
        }
        Files.writeString(path, lines);
        return new HostsFile(path);
    }

    /** The option by which Java takes it. */
    String jvmOption() {
        return "-Djdk.net.hosts.file=" + path;
    }
}
