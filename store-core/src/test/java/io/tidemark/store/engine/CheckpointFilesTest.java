// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A checkpoint carried elsewhere is the state of its index, whatever the engine has done since. */
final class CheckpointFilesTest {
    private static final int PINNED = 80;
    private static final int LAST = 160;

    @TempDir
    Path root = Path.of("unset");

    private final Histories histories = new Histories(31);
    private final List<CommitRows> commits = new ArrayList<>();
    private MapDbEngine engine = MapDbEngine.open(new FaultDisk(), Histories.smallOptions());

    @BeforeEach
    void openOnDisk() {
        engine.close();
        engine = MapDbEngine.open(root.resolve("from"), Histories.smallOptions());
    }

    private void apply(int last) {
        while (commits.size() < last) {
            CommitRows commit = histories.commit(commits.size() + 1L);
            commits.add(commit);
            engine.apply(commit);
        }
        engine.checkpoint().join();
    }

    private CheckpointFiles pinnedThenCompacted() {
        apply(PINNED / 2);
        engine.compact().join();
        apply(PINNED);
        CheckpointFiles files = engine.pinCheckpoint();
        apply(LAST);
        engine.setHorizon(LAST);
        engine.compact().join();
        engine.awaitIdle();
        return files;
    }

    @Test
    void shouldOpenFromLinksAsThePinnedState() throws Exception {
        Path to = root.resolve("new").resolve("to");
        try (CheckpointFiles files = pinnedThenCompacted()) {
            assertThat(files.index()).isEqualTo(PINNED);
            assertThat(files.position()).isEqualTo(Histories.position(PINNED));
            files.linkTo(to);
            assertOpensAsPinned(to);
            assertThatThrownBy(() -> files.linkTo(to)).isInstanceOf(IllegalArgumentException.class);
        }
        engine.close();
        assertOpensAsPinned(to);
    }

    @Test
    void shouldOpenFromWhatAReceiverWrote() throws Exception {
        Path to = Files.createDirectory(root.resolve("to"));
        try (CheckpointFiles files = pinnedThenCompacted()) {
            receive(files, to);
        }
        engine.close();
        assertOpensAsPinned(to);
    }

    @Test
    void shouldServeADiskWithoutLinks() throws Exception {
        engine.close();
        engine = MapDbEngine.open(new FaultDisk(), Histories.smallOptions());
        Path received = Files.createDirectory(root.resolve("received"));
        Path copied = root.resolve("copied");
        try (CheckpointFiles files = pinnedThenCompacted()) {
            receive(files, received);
            files.linkTo(copied);
        }
        assertOpensAsPinned(received);
        assertOpensAsPinned(copied);
        Path source = Files.write(root.resolve("source"), new byte[] {1, 2, 3});
        DiskStorage.copy(source, root.resolve("target"));
        assertThat(root.resolve("target")).hasSameBinaryContentAs(source);
    }

    /** As a receiver does: by ranges, each file checked against its checksum, in the order given. */
    private static void receive(CheckpointFiles files, Path to) throws IOException {
        for (CheckpointFile file : files.files()) {
            byte[] bytes = new byte[(int) file.bytes()];
            int half = bytes.length / 2;
            files.read(file.name(), half, ByteBuffer.wrap(bytes, half, bytes.length - half));
            files.read(file.name(), 0, ByteBuffer.wrap(bytes, 0, half));
            CRC32C crc = new CRC32C();
            crc.update(bytes);
            assertThat((int) crc.getValue()).as(file.name()).isEqualTo(file.crc32c());
            Files.write(to.resolve(file.name()), bytes);
            assertThatThrownBy(() -> files.read(file.name(), half, ByteBuffer.allocate(bytes.length)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private void assertOpensAsPinned(Path directory) {
        try (MapDbEngine opened = MapDbEngine.open(directory, Histories.smallOptions());
                View found = opened.view();
                InMemoryEngine reference = Histories.reference(commits, PINNED, 0);
                View expected = reference.view()) {
            assertThat(opened.appliedIndex()).isEqualTo(PINNED);
            assertThat(opened.position()).isEqualTo(Histories.position(PINNED));
            assertThat(opened.horizon()).isZero();
            assertThat(opened.stats().openedFromFallback()).isFalse();
            Histories.assertSame(found, expected);
            opened.scrub(ScrubProgress.IGNORED);
        }
    }

    @Test
    void shouldFindAFlippedBitInALinkedFile() throws Exception {
        try (CheckpointFiles files = pinnedThenCompacted()) {
            for (CheckpointFile file : files.files()) {
                Path to = root.resolve("flipped-" + file.name());
                files.linkTo(to);
                Path damaged = to.resolve(file.name());
                byte[] bytes = Files.readAllBytes(damaged);
                bytes[bytes.length / 3] ^= 4;
                Files.delete(damaged);
                Files.write(damaged, bytes);
                if (file.name().startsWith("t-")) {
                    assertThatThrownBy(() -> openAndScrub(to))
                            .isInstanceOfSatisfying(
                                    CorruptionException.class,
                                    e -> assertThat(e.file()).isEqualTo(file.name()));
                } else {
                    assertThat(openAndScrub(to)).as("its twin was used").isTrue();
                }
            }
        }
    }

    private static boolean openAndScrub(Path directory) {
        try (MapDbEngine opened = MapDbEngine.open(directory, Histories.smallOptions())) {
            opened.scrub(ScrubProgress.IGNORED);
            return opened.stats().openedFromFallback();
        }
    }

    @Test
    void shouldKeepReplacedFilesUntilTheLastPinIsClosed() throws Exception {
        CheckpointFiles first = pinnedThenCompacted();
        List<Path> own = List.of(fileOf(first));
        CheckpointFiles second = engine.pinCheckpoint();
        assertThat(own).allMatch(Files::exists);
        first.close();
        first.close();
        assertThat(own).noneMatch(Files::exists);
        assertThatThrownBy(() -> first.linkTo(root.resolve("late"))).isInstanceOf(IllegalStateException.class);
        Path newest = fileOf(second);
        second.close();
        assertThat(newest).exists();
        engine.scrub(ScrubProgress.IGNORED);
    }

    private Path fileOf(CheckpointFiles files) {
        return root.resolve("from").resolve(files.files().get(0).name());
    }

    @Test
    void shouldLimitPins() {
        apply(1);
        List<CheckpointFiles> pins = new ArrayList<>();
        for (int i = 0; i < CheckpointSource.PINS_MAX; i++) {
            pins.add(engine.pinCheckpoint());
        }
        assertThatThrownBy(() -> engine.pinCheckpoint()).isInstanceOf(IllegalStateException.class);
        pins.remove(0).close();
        CheckpointFiles last = engine.pinCheckpoint();
        engine.close();
        assertThatThrownBy(() -> last.read(ManifestStore.CURRENT, 0, ByteBuffer.allocate(1)))
                .isInstanceOf(IllegalStateException.class);
        last.close();
        pins.forEach(CheckpointFiles::close);
    }
}
