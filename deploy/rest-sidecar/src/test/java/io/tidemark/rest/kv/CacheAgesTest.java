// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class CacheAgesTest {

    private static final Optional<Duration> OLD = Optional.of(Duration.ofSeconds(30));
    private static final Optional<Duration> NEW = Optional.of(Duration.ofSeconds(60));

    private final List<CompletableFuture<Optional<Duration>>> asked = new ArrayList<>();
    private long now = -1;
    private final CacheAges ages = new CacheAges(this::ask, () -> now);

    private CompletableFuture<Optional<Duration>> ask(String table) {
        asked.add(new CompletableFuture<>());
        return asked.get(asked.size() - 1);
    }

    @Test
    void shouldWaitForWhatWasNeverKnownAndAskOnce() {
        CompletableFuture<Optional<Duration>> first = ages.of("t");
        CompletableFuture<Optional<Duration>> second = ages.of("t");

        assertThat(first).isNotDone();
        asked.get(0).complete(OLD);

        assertThat(first).isCompletedWithValue(OLD);
        assertThat(second).isCompletedWithValue(OLD);
        assertThat(asked).hasSize(1);
    }

    @Test
    void shouldKeepNobodyWaitingForAServerThatHangsWhereSomethingIsKnown() {
        know(OLD);
        now += CacheAges.KNOWN_FOR.toNanos();

        for (int i = 0; i < 3; i++) {
            assertThat(ages.of("t")).isCompletedWithValue(OLD);
        }
        assertThat(asked).hasSize(2);
        asked.get(1).complete(NEW);

        assertThat(ages.of("t")).isCompletedWithValue(NEW);
    }

    @Test
    void shouldTellNothingThatIsOld() {
        know(OLD);
        now += CacheAges.TOLD_FOR.toNanos() - 1;
        assertThat(ages.of("t")).isCompletedWithValue(OLD);
        now += 1;

        assertThat(ages.of("t")).isNotDone();
        assertThat(asked).hasSize(2);
        asked.get(1).complete(NEW);

        assertThat(ages.of("t")).isCompletedWithValue(NEW);
    }

    @Test
    void shouldTellThatItCannotBeToldAnyMore() {
        know(OLD);
        now += CacheAges.KNOWN_FOR.toNanos();
        assertThat(ages.of("t")).isCompletedWithValue(OLD);

        asked.get(1).complete(Optional.empty());

        assertThat(ages.of("t")).isCompletedWithValue(Optional.empty());
    }

    private void know(Optional<Duration> age) {
        var unused = ages.of("t");
        asked.get(0).complete(age);
    }
}
