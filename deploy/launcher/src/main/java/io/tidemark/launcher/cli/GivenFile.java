// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Files that a user names. That one is not there is for what was typed, and not for the disk: {@link ExitCode#WRONG_USAGE}. */
public final class GivenFile {

    private GivenFile() {}

    /**
     * Opens one to read, for the caller to close.
     *
     * @throws IllegalArgumentException if it is not there
     */
    public static InputStream open(Path file) throws IOException {
        try {
            return Files.newInputStream(file);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException(file + ": no such file", e);
        }
    }

    /**
     * For one that is to be written.
     *
     * @throws IllegalArgumentException if there is no directory for it
     */
    public static void requireDirectoryOf(Path file) {
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null && !Files.isDirectory(directory)) {
            throw new IllegalArgumentException(file + ": no such directory");
        }
    }
}
