// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The members of a bootstrap, in the file {@code first-members}: who votes until the log has a configuration. Empty at a node that
 * joined.
 */
final class FirstMembers {

    private static final String FILE = "first-members";

    private FirstMembers() {}

    static void write(Path directory, List<Member> members) throws IOException {
        Path file = directory.resolve(FILE);
        Files.write(
                file,
                members.stream()
                        .map(member -> member.id() + " " + member.address())
                        .toList());
        Disk.sync(file);
    }

    static List<Member> read(Path directory) throws IOException {
        return Files.readAllLines(directory.resolve(FILE)).stream()
                .map(line ->
                        new Member(line.substring(0, line.lastIndexOf(' ')), line.substring(line.lastIndexOf(' ') + 1)))
                .toList();
    }
}
