// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.birth;

import com.google.common.hash.Hashing;
import com.google.protobuf.TextFormat;
import io.tidemark.node.consensus.Disk;
import io.tidemark.proto.v1.ExchangeBirthResponse;
import io.tidemark.server.process.StartException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/**
 * The file {@code birth} of a node's directory: what the node answers to others, as text for people, and whether it has taken
 * part since. It is replaced as a whole, and on disk when a method returns.
 */
final class BirthFile {

    /**
     * @param started whether the node has a log of its own to lose
     */
    record Content(ExchangeBirthResponse answer, boolean started) {}

    private static final String NAME = "birth";
    private static final String STARTED = "# started ";
    private static final String CHECKSUM = "# crc32c ";

    /** Without the file these are somebody's whose name was lost. */
    private static final List<String> LEFTOVERS = List.of("identity", "raft", "store");

    private final Path directory;

    BirthFile(Path directory) {
        this.directory = directory;
    }

    /** Empty if the directory is. */
    Optional<Content> read() throws IOException {
        Path file = directory.resolve(NAME);
        if (!Files.exists(file)) {
            for (String leftover : LEFTOVERS) {
                if (Files.exists(directory.resolve(leftover))) {
                    throw new StartException("data directory " + directory + " holds '" + leftover
                            + "' of a node but not its file '" + NAME
                            + "' (expected: all of a node's files, or an empty directory). If a restore or recovery into it"
                            + " was broken off, delete it and repeat that");
                }
            }
            return Optional.empty();
        }
        String text = Files.readString(file);
        int end = text.lastIndexOf(CHECKSUM);
        if (end < 0 || !text.substring(end).equals(checksum(text.substring(0, end)))) {
            throw new StartException(
                    file + " is damaged. If the disk is, remove the node from the cluster and start another"
                            + " one under a new id");
        }
        ExchangeBirthResponse.Builder answer = ExchangeBirthResponse.newBuilder();
        TextFormat.merge(text.substring(0, end), answer);
        return Optional.of(new Content(answer.build(), text.startsWith(STARTED + true)));
    }

    void write(Content content) throws IOException {
        String text = STARTED + content.started() + "\n" + TextFormat.printer().printToString(content.answer());
        Path draft = directory.resolve(NAME + ".draft");
        Files.writeString(draft, text + checksum(text));
        Disk.sync(draft);
        Files.move(draft, directory.resolve(NAME), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Disk.sync(directory);
    }

    private static String checksum(String text) {
        return CHECKSUM + Hashing.crc32c().hashString(text, StandardCharsets.UTF_8) + "\n";
    }
}
