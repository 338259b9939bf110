// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OrphansTest {

    @TempDir
    Path directory = Path.of("unset");

    @Test
    void shouldDeleteWhatAnEngineLeftAndNothingElse() throws IOException {
        List<String> orphans = List.of("t-7.stm", "t-7.aux", "CURRENT.new");
        List<String> foreign = List.of("t-7.stm.bak", "MANIFEST-3.orig", "t-notes.txt", "notes.txt");
        MapDbEngine.open(directory, Histories.smallOptions()).close();
        for (String name : orphans) {
            Files.writeString(directory.resolve(name), "left");
        }
        for (String name : foreign) {
            Files.writeString(directory.resolve(name), "put aside");
        }
        MapDbEngine.open(directory, Histories.smallOptions()).close();
        assertThat(foreign)
                .allSatisfy(name -> assertThat(directory.resolve(name)).exists());
        assertThat(orphans)
                .allSatisfy(name -> assertThat(directory.resolve(name)).doesNotExist());
    }
}
