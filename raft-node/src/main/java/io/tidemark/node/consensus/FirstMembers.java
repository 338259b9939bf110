// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The members of a bootstrap, in the file {@code first-members}: who votes until the log has a configuration. A line each: id, Raft,
 * internal and client address, with blanks between. Empty at a node that joined.
 */
final class FirstMembers {

    private static final String FILE = "first-members";
    private static final int FIELDS = 4;

    private FirstMembers() {}

    static void write(Path directory, List<Member> members) throws IOException {
        Path file = directory.resolve(FILE);
        Files.write(file, members.stream().map(FirstMembers::line).toList());
        Disk.sync(file);
    }

    private static String line(Member member) {
        return String.join(" ", member.id(), member.raftAddress(), member.internalAddress(), member.clientAddress());
    }

    static List<Member> read(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        List<String> lines = Files.readAllLines(file);
        for (String line : lines) {
            if (line.split(" ", -1).length != FIELDS) {
                throw new IOException(file + ": \"" + line
                        + "\" (expected: id, Raft, internal and client address, with blanks between)");
            }
        }
        return lines.stream().map(FirstMembers::member).toList();
    }

    private static Member member(String line) {
        String[] fields = line.split(" ", -1);
        return new Member(fields[0], fields[1], fields[2], fields[3]);
    }
}
