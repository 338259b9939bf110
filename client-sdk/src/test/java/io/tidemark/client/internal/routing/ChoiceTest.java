// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChoiceTest {

    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1_000 * MILLI;

    private final Random random = new Random(3);
    private final Choice choice = new Choice(() -> random);
    private long now = SECOND;

    private static Server connected(String address) {
        Server server = new Server(address, () -> {});
        server.connected(true);
        return server;
    }

    private int timesChosen(Server wanted, Preference preference, int times) {
        return timesChosen(wanted, preference, 0, times);
    }

    private int timesChosen(Server wanted, Preference preference, long floor, int times) {
        int chosen = 0;
        for (int i = 0; i < times; i++) {
            if (choice.choose(preference, floor, List.of(), now) == wanted) {
                chosen++;
            }
        }
        return chosen;
    }

    @Test
    void shouldAskTheFirstTierInWhichAnyoneIsWell() {
        Server near = connected("near");
        Server far = connected("far");
        Preference preference = new Preference(List.of(List.of(near), List.of(far)));
        assertThat(timesChosen(near, preference, 50)).isEqualTo(50);
        near.connected(false);
        assertThat(timesChosen(far, preference, 50)).isEqualTo(50);
    }

    @Test
    void shouldShareCallsAmongEquals() {
        Server one = connected("one");
        Server two = connected("two");
        Server three = connected("three");
        Preference preference = new Preference(List.of(List.of(one, two, three)));
        assertThat(timesChosen(two, preference, 3_000)).isBetween(900, 1_100);
    }

    @Test
    void shouldPreferWhoeverHasLessToDo() {
        Server busy = connected("busy");
        Server idle = connected("idle");
        busy.begin(now);
        assertThat(timesChosen(idle, new Preference(List.of(List.of(busy, idle))), 50))
                .isEqualTo(50);
    }

    @Test
    void shouldGiveAnOutlierASingleCallNowAndThen() {
        Server fast = connected("fast");
        Server slow = connected("slow");
        for (int i = 0; i < 100; i++) {
            fast.sampled(MILLI, now);
            slow.sampled(100 * MILLI, now);
        }
        for (int i = 0; i < 500; i++) {
            fast.begin(now);
        }
        fast.answered(now + 1);
        Preference preference = new Preference(List.of(List.of(fast, slow)));
        assertThat(timesChosen(slow, preference, 50)).isZero();

        now += 2 * SECOND;
        fast.answered(now);
        assertThat(choice.choose(preference, 0, List.of(), now)).isSameAs(slow);
        slow.begin(now);
        assertThat(timesChosen(slow, preference, 50)).isZero();
    }

    @Test
    void shouldLeaveAloneWhoeverOwesAnswers() {
        Server silent = connected("silent");
        Server well = connected("well");
        silent.begin(now);
        now += 200 * MILLI;
        for (int i = 0; i < 100; i++) {
            well.begin(now);
        }
        Preference preference = new Preference(List.of(List.of(silent, well)));
        assertThat(timesChosen(well, preference, 50)).isEqualTo(50);
    }

    @Test
    void shouldPreferWhoeverHasAppliedTheFloorToWhoeverHadToBeWaitedFor() {
        Server behind = connected("behind");
        Server ahead = connected("ahead");
        ahead.applied(10);
        ahead.begin(now);
        ahead.begin(now);
        behind.waited(50 * MILLI, now);
        Preference preference = new Preference(List.of(List.of(behind, ahead)));
        assertThat(timesChosen(ahead, preference, 10, 50)).isEqualTo(50);
        assertThat(timesChosen(behind, preference, 0, 50)).isEqualTo(50);

        behind.applied(10);
        assertThat(timesChosen(behind, preference, 10, 50)).isEqualTo(50);
    }

    @Test
    void shouldFindOutAgainWhetherAServerHasToBeWaitedFor() {
        Server behind = connected("behind");
        Server ahead = connected("ahead");
        ahead.applied(10);
        behind.waited(50 * MILLI, now);
        now += 2 * SECOND;
        ahead.answered(now);
        Preference preference = new Preference(List.of(List.of(behind, ahead)));
        assertThat(timesChosen(behind, preference, 10, 3_000)).isBetween(1_400, 1_600);

        for (int i = 0; i < 10; i++) {
            behind.waited(MILLI, now);
        }
        assertThat(timesChosen(behind, preference, 10, 3_000)).isBetween(1_400, 1_600);
    }

    @Test
    void shouldNotKeepToWhoeverAnsweredLast() {
        Server last = connected("last");
        Server other = connected("other");
        last.applied(1_000);
        other.applied(999);
        Preference preference = new Preference(List.of(List.of(last, other)));
        assertThat(timesChosen(other, preference, 1_000, 3_000)).isBetween(1_400, 1_600);
    }

    @Test
    void shouldNotKeepToAnOutlierBecauseItAnsweredLast() {
        Server fast = connected("fast");
        Server slow = connected("slow");
        for (int i = 0; i < 100; i++) {
            fast.sampled(MILLI, now);
            slow.sampled(100 * MILLI, now);
        }
        slow.applied(1_000);
        assertThat(timesChosen(fast, new Preference(List.of(List.of(fast, slow))), 1_000, 50))
                .isEqualTo(50);
    }

    @Test
    void shouldAskAnOutlierOnceInAWhileAlsoWhereItHasToBeWaitedFor() {
        Server fast = connected("fast");
        Server slow = connected("slow");
        for (int i = 0; i < 100; i++) {
            fast.sampled(MILLI, now);
            slow.sampled(100 * MILLI, now);
        }
        now += 2 * SECOND;
        Preference preference = new Preference(List.of(List.of(fast, slow)));
        assertThat(choice.choose(preference, 10, List.of(), now)).isSameAs(slow);
        slow.waited(100 * MILLI, now);
        assertThat(timesChosen(slow, preference, 10, 50)).isZero();
    }

    @Test
    void shouldAskSomebodyEvenIfNobodyIsWell() {
        Server ejected = connected("ejected");
        for (int i = 0; i < 3; i++) {
            boolean unused = ejected.failed(now);
        }
        assertThat(ejected.ejection().isEjected()).isTrue();
        Preference preference = new Preference(List.of(List.of(ejected)));
        assertThat(choice.choose(preference, 0, List.of(), now)).isSameAs(ejected);
        assertThat(choice.choose(preference, 0, List.of(ejected), now)).isSameAs(ejected);
    }

    @Test
    void shouldLoadWhoeverReturnsByAndBy() {
        Server returned = connected("returned");
        Server other = connected("other");
        for (int i = 0; i < 3; i++) {
            boolean unused = returned.failed(now);
        }
        returned.ejection().end(now);
        for (int i = 0; i < 5; i++) {
            other.begin(now);
        }
        Preference preference = new Preference(List.of(List.of(returned, other)));
        assertThat(choice.choose(preference, 0, List.of(), now)).isSameAs(other);
        now += 4 * SECOND;
        other.answered(now);
        assertThat(choice.choose(preference, 0, List.of(), now)).isSameAs(returned);
    }

    @Test
    void shouldNotTakeAShortWaitForSilence() {
        Server server = connected("server");
        for (int i = 0; i < 5; i++) {
            assertThat(server.silentSince(now, now + 20 * MILLI)).isFalse();
        }
        assertThat(server.ejection().isEjected()).isFalse();
        assertThat(server.silentSince(now, now + 150 * MILLI)).isTrue();
    }
}
