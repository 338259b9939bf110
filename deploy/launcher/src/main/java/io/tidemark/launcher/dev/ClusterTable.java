// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The servers of a cluster as people read them: a line each, under a header. */
final class ClusterTable {

    private ClusterTable() {}

    /** Where everybody is. */
    static String of(List<ClusterFile.Server> servers) {
        return render(servers.stream()
                .map(server -> List.of(
                        server.role(),
                        server.id(),
                        orDash(server.client() == null ? server.rest() : server.client()),
                        orDash(server.http()),
                        Long.toString(server.pid()),
                        shorten(server.log())))
                .toList());
    }

    /** And how they are. */
    static String withStates(List<ClusterFile.Server> servers, Optional<String> leader) {
        List<List<String>> lines = new ArrayList<>();
        for (ClusterFile.Server server : servers) {
            String state = server.state()
                    + (server.partitioned() ? ", cut off" : "")
                    + (leader.filter(server.id()::equals).isPresent() ? ", leads" : "");
            lines.add(List.of(
                    server.role(),
                    server.id(),
                    orDash(server.client() == null ? server.rest() : server.client()),
                    orDash(server.http()),
                    Long.toString(server.pid()),
                    shorten(server.log()),
                    state));
        }
        return render(lines);
    }

    private static String render(List<List<String>> lines) {
        List<List<String>> all = new ArrayList<>();
        List<String> header = List.of("ROLE", "ID", "CLIENT", "HTTP", "PID", "LOG", "STATE");
        all.add(header.subList(0, lines.isEmpty() ? header.size() : lines.get(0).size()));
        all.addAll(lines);
        StringBuilder text = new StringBuilder();
        for (List<String> line : all) {
            StringBuilder cells = new StringBuilder();
            for (int column = 0; column < line.size(); column++) {
                int at = column;
                int width = all.stream().mapToInt(l -> l.get(at).length()).max().orElse(0);
                cells.append(line.get(column))
                        .append(" ".repeat(width - line.get(column).length() + 2));
            }
            text.append(cells.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private static String orDash(@Nullable String address) {
        return address == null ? "-" : address;
    }

    /** Relative to where the user is, if it is below. */
    static String shorten(String path) {
        Path here = Path.of("").toAbsolutePath();
        Path absolute = Path.of(path);
        return absolute.startsWith(here) ? here.relativize(absolute).toString() : path;
    }
}
