// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskTest {

    @TempDir
    private Path root;

    @Test
    void shouldLinkWhereItCan() throws IOException {
        Path file = Files.writeString(root.resolve("file"), "before");
        Disk.linkOrCopy(file, root.resolve("other"));
        Files.writeString(file, "after");
        assertThat(root.resolve("other")).hasContent("after");
    }

    /** A directory stands for a file of which the file system makes no link: none does. */
    @Test
    void shouldCopyWhatCannotBeLinked() throws IOException {
        Path directory = Files.createDirectory(root.resolve("directory"));
        assertThatThrownBy(() -> Files.createLink(root.resolve("link"), directory))
                .isInstanceOf(FileSystemException.class);

        Disk.linkOrCopy(directory, root.resolve("other"));
        assertThat(root.resolve("other")).isEmptyDirectory();
    }

    @Test
    void shouldSayThatThereIsNothingToLink() {
        assertThatThrownBy(() -> Disk.linkOrCopy(root.resolve("none"), root.resolve("other")))
                .isInstanceOf(NoSuchFileException.class);
    }
}
