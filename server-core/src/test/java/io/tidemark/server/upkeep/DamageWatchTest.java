// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.upkeep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.proto.v1.Alarm;
import io.tidemark.proto.v1.AlarmKind;
import io.tidemark.server.read.StoreRig;
import io.tidemark.server.time.ManualTime;
import io.tidemark.store.engine.CorruptionException;
import io.tidemark.store.engine.ScrubProgress;
import io.tidemark.store.state.Store;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DamageWatchTest {

    private final ManualTime time = new ManualTime();
    private final Alarms alarms = new Alarms(time);

    @Test
    void shouldRaiseAnAlarmForADamagedFileUntilItIsGone(@TempDir Path directory, @TempDir Path other)
            throws IOException {
        AtomicReference<Store> store = new AtomicReference<>();
        try (StoreRig damaged = new StoreRig(directory);
                StoreRig whole = new StoreRig(other);
                DamageWatch watch = new DamageWatch("n1", () -> Optional.ofNullable(store.get()), alarms, time)) {
            damaged.putMany(100);
            damaged.store().checkpoint().join();
            String file = damage(directory);
            watch.begin();
            time.pass(DamageWatch.INTERVAL);
            store.set(damaged.store());
            time.pass(DamageWatch.INTERVAL);
            assertThatThrownBy(() -> damaged.store().scrub(ScrubProgress.IGNORED))
                    .isInstanceOf(CorruptionException.class);
            assertThat(alarms.raised()).isEmpty();

            time.pass(DamageWatch.INTERVAL);
            assertThat(alarms.raised()).extracting(Alarm::getKind).containsExactly(AlarmKind.ALARM_KIND_CORRUPTION);
            assertThat(alarms.raised().get(0).getMessage()).contains(file, "n1");

            store.set(whole.store());
            time.pass(DamageWatch.INTERVAL);
            assertThat(alarms.raised()).isEmpty();
        }
    }

    /** Under the open store, which has the file mapped. */
    private static String damage(Path directory) throws IOException {
        Path table;
        try (Stream<Path> files = Files.walk(directory)) {
            table = files.filter(file -> file.toString().endsWith(".stm"))
                    .findFirst()
                    .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(table);
        int last = bytes.length - 1;
        while (bytes[last] == 0) {
            last--;
        }
        try (RandomAccessFile file = new RandomAccessFile(table.toFile(), "rw")) {
            file.seek(last);
            file.write(bytes[last] ^ 1);
        }
        return table.getFileName().toString();
    }
}
