// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DirectoriesTest {
    @TempDir
    Path root = Path.of("unset");

    private final List<Path> synced = new ArrayList<>();

    @Test
    void shouldSyncTheParentOfEachDirectoryThatItCreates() throws IOException {
        Path a = root.resolve("a");
        Directories.create(a.resolve("b").resolve("c"), synced::add);
        assertThat(synced).containsExactly(root, a, a.resolve("b"));
        assertThat(a.resolve("b").resolve("c")).isDirectory();
    }

    @Test
    void shouldSyncTheParentOfADirectoryThatIsThere() throws IOException {
        Directories.create(root, synced::add);
        assertThat(synced).containsExactly(root.getParent());
    }

    @Test
    void shouldTolerateAForeignParentButNotALostName() throws IOException {
        Directories.create(root, path -> {
            throw new AccessDeniedException(path.toString());
        });
        assertThatThrownBy(() -> Directories.create(root.resolve("new"), path -> {
                    throw new AccessDeniedException(path.toString());
                }))
                .isInstanceOf(AccessDeniedException.class);
    }
}
