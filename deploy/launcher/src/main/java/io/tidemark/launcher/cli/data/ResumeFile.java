// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/** How far a watch came, kept in a file from run to run. */
final class ResumeFile {

    private final @Nullable Path file;

    /** @param file null: nothing is kept */
    ResumeFile(@Nullable Path file) {
        this.file = file;
    }

    /** What was kept; null: nothing. */
    @Nullable String token() throws IOException {
        return file == null || !Files.exists(file)
                ? null
                : Files.readString(file).strip();
    }

    /** To be called when all before it was printed. */
    void keep(String token) throws IOException {
        if (file != null) {
            Path draft = file.resolveSibling(file.getFileName() + ".draft");
            Files.writeString(draft, token + "\n");
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
