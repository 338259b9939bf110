// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DirectoryTreeTest {

    @TempDir
    Path directory;

    @Test
    void shouldRemoveAllBelowButNothingThatALinkLeadsTo() throws IOException {
        Path kept = Files.writeString(directory.resolve("kept"), "somebody's");
        Path tree = directory.resolve("tree");
        Files.createDirectories(tree.resolve("of/files"));
        Files.writeString(tree.resolve("of/files/one"), "1");
        Files.createSymbolicLink(tree.resolve("link"), directory);

        DirectoryTree.remove(tree);

        assertThat(tree).doesNotExist();
        assertThat(kept).exists();
    }

    @Test
    void shouldTakeWhatIsGoneForRemoved() throws IOException {
        DirectoryTree.remove(directory.resolve("never was"));

        assertThat(directory).isEmptyDirectory();
    }
}
