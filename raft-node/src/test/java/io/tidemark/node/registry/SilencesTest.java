// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.server.time.ManualTime;
import io.tidemark.server.time.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SilencesTest {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final RegistryOptions OPTIONS = new RegistryOptions(Duration.ofSeconds(30));

    private final ManualTime time = new ManualTime();
    private final Silences silences = new Silences(OPTIONS, time.now());
    private final Set<String> present = new TreeSet<>(List.of("r1", "r2", "r3", "r4", "r5", "r6"));
    private final Set<String> talking = new TreeSet<>(present);

    @Test
    void shouldLoseWhoIsSilentForTheWholeTimeout() {
        assertThat(pass(60)).isEmpty();
        talking.remove("r1");
        assertThat(pass(28)).isEmpty();
        assertThat(pass(3)).containsExactly("r1");
    }

    @Test
    void shouldGiveEverybodyTheWholeTimeoutAtTheBeginning() {
        talking.clear();
        present.retainAll(Set.of("r1"));
        assertThat(pass(28)).isEmpty();
        assertThat(pass(3)).containsExactly("r1");
    }

    @Test
    void shouldGiveTheWholeTimeoutAfterAPauseOfItsOwn() {
        pass(10);
        talking.remove("r1");
        pass(20);
        time.pass(Duration.ofSeconds(15));

        assertThat(pass(29)).isEmpty();
        assertThat(pass(3)).containsExactly("r1");
    }

    @Test
    void shouldTakeAJumpOfTheWallClockForAPause() {
        pass(10);
        Moment now = time.now();
        Moment jumped = new Moment(
                now.monotonicNanos(), now.wallNanos() + Duration.ofHours(1).toNanos());
        assertThat(silences.check(jumped, present)).isEmpty();
        assertThat(silences.isSilent("r1", jumped)).isFalse();
    }

    @Test
    void shouldMoveNothingWhenMoreThanAThirdFallSilent() {
        pass(10);
        talking.removeAll(Set.of("r1", "r2", "r3"));
        assertThat(pass(300)).isEmpty();
        assertThat(silences.isStorm()).isTrue();
    }

    @Test
    void shouldLoseAThird() {
        pass(10);
        talking.removeAll(Set.of("r1", "r2"));
        assertThat(pass(31)).containsExactly("r1", "r2");
        assertThat(silences.isStorm()).isFalse();
    }

    @Test
    void shouldSeeAStormThatComesBitByBit() {
        pass(10);
        talking.remove("r1");
        pass(5);
        talking.remove("r2");
        pass(5);
        talking.remove("r3");
        assertThat(pass(300)).isEmpty();
        assertThat(silences.isStorm()).isTrue();
    }

    @Test
    void shouldCountThoseThatWereLostWithinTheTimeout() {
        pass(10);
        talking.removeAll(Set.of("r1", "r2"));
        pass(18);
        talking.remove("r3");
        List<String> lost = pass(14);
        assertThat(lost).containsExactly("r1", "r2");
        present.removeAll(lost);

        assertThat(pass(25)).as("half of them within one timeout").isEmpty();
        assertThat(silences.isStorm()).isTrue();
        assertThat(pass(25)).as("the whole timeout once it is over").isEmpty();
        assertThat(pass(12)).containsExactly("r3");
    }

    @Test
    void shouldGiveTheSilentTheWholeTimeoutOnceAStormIsOver() {
        pass(10);
        talking.removeAll(Set.of("r1", "r2", "r3"));
        pass(100);
        talking.add("r3");

        assertThat(pass(29)).isEmpty();
        assertThat(silences.isStorm()).isFalse();
        assertThat(pass(5)).containsExactly("r1", "r2");
    }

    @Test
    void shouldEndAStormWhenTheSilentAreRemoved() {
        pass(10);
        talking.removeAll(Set.of("r1", "r2", "r3"));
        pass(100);
        present.removeAll(Set.of("r1", "r2", "r3"));
        pass(1);
        assertThat(silences.isStorm()).isFalse();
    }

    @Test
    void shouldNeverTakeASingleReplicaForAStorm() {
        present.retainAll(Set.of("r1", "r2"));
        talking.retainAll(present);
        pass(10);
        talking.remove("r1");
        assertThat(pass(32)).containsExactly("r1");
    }

    @Test
    void shouldNotTakeAnOldWordForANewOne() {
        silences.heard("r1", time.now());
        Moment first = time.now();
        pass(5);
        silences.heard("r1", first);
        assertThat(silences.silence("r1", time.now())).isLessThan(Duration.ofSeconds(2));
    }

    /** Looks every second, with a word of each that talks; gives who was lost, once each. */
    private List<String> pass(int seconds) {
        Set<String> lost = new TreeSet<>();
        for (int i = 0; i < seconds; i++) {
            time.pass(SECOND);
            talking.forEach(id -> silences.heard(id, time.now()));
            lost.addAll(silences.check(time.now(), present));
        }
        return new ArrayList<>(lost);
    }
}
