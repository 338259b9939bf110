// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.proto.v1.AlarmKind;
import io.tidemark.server.read.StoreRig;
import io.tidemark.server.time.ManualTime;
import io.tidemark.server.upkeep.Alarms;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HousekeepingTest {

    private final ManualTime time = new ManualTime();
    private final Alarms alarms = new Alarms(time);
    private final List<Runnable> disk = new ArrayList<>();
    private final List<Boolean> mayLead = new ArrayList<>();
    private boolean leads;
    private int confirmed;
    private StoreRig rig;
    private Housekeeping housekeeping;

    @BeforeEach
    void open(@TempDir Path directory) {
        rig = new StoreRig(directory);
        Housekeeping.Leading leading = new Housekeeping.Leading() {
            @Override
            public boolean leads() {
                return leads;
            }

            @Override
            public void confirm() {
                confirmed++;
            }

            @Override
            public void mayLead(boolean may) {
                mayLead.add(may);
            }
        };
        housekeeping = new Housekeeping("n1", leading, () -> Optional.of(rig.store()), disk::add, alarms, time);
        housekeeping.begin();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void digestsAreKeptWhereNothingWasWrittenForAnInterval() {
        time.pass(Housekeeping.IDLE_INTERVAL);
        assertThat(disk).isEmpty();
        rig.put("k", "v");
        time.pass(Housekeeping.IDLE_INTERVAL);
        assertThat(disk).isEmpty();
        time.pass(Housekeeping.IDLE_INTERVAL);
        assertThat(disk).hasSize(1);
        disk.get(0).run();
        assertThat(rig.store().newestDigests().orElseThrow().index()).isEqualTo(1);
    }

    @Test
    void onlyALeaderComparesItsClock() {
        time.pass(Housekeeping.CLOCKS_INTERVAL.multipliedBy(3));
        assertThat(confirmed).isZero();
        leads = true;
        time.pass(Housekeeping.CLOCKS_INTERVAL.multipliedBy(3));
        assertThat(confirmed).isEqualTo(3);
    }

    @Test
    void whoseClockIsOffDoesNotLeadForAWhile() {
        housekeeping.clockOff(Housekeeping.IDLE_INTERVAL);
        assertThat(mayLead).containsExactly(false);
        assertThat(alarms.raised()).singleElement().satisfies(alarm -> {
            assertThat(alarm.getKind()).isEqualTo(AlarmKind.ALARM_KIND_CLOCK_OFF);
            assertThat(alarm.getMessage()).contains("n1", "1000 ms");
        });
        time.pass(Housekeeping.CLOCK_PAUSE);
        assertThat(mayLead).containsExactly(false, true);
        assertThat(alarms.raised()).isEmpty();
    }

    @Test
    void nothingIsDoneAnyMoreOnceItIsClosed() {
        leads = true;
        housekeeping.close();
        time.pass(Housekeeping.CLOCKS_INTERVAL.multipliedBy(2));
        assertThat(confirmed).isZero();
        assertThat(disk).isEmpty();
        assertThat(time.pendingCalls()).isZero();
    }
}
