// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.node.consensus.OutvotedMark;
import io.tidemark.proto.v1.Alarm;
import io.tidemark.proto.v1.AlarmKind;
import io.tidemark.server.read.StoreRig;
import io.tidemark.server.time.ManualTime;
import io.tidemark.server.upkeep.Alarms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DisagreementTest {

    @TempDir
    private Path directory;

    private final ManualTime time = new ManualTime();
    private final List<String> done = new ArrayList<>();
    private Alarms alarms;
    private StoreRig rig;
    private OutvotedMark mark;
    private Disagreement disagreement;

    @BeforeEach
    void open(@TempDir Path other) throws IOException {
        rig = new StoreRig(other);
        Files.createDirectories(directory.resolve("store"));
        mark = OutvotedMark.in(directory);
        start();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    /** As a process does that knows nothing of the one before. */
    private void start() {
        alarms = new Alarms(time);
        done.clear();
        disagreement = new Disagreement("n1", mark, time, alarms, new Disagreement.Node() {
            @Override
            public void withdraw(String why) {
                done.add(Files.exists(mark.file()) ? "withdrawn, marked" : "withdrawn");
            }

            @Override
            public void mayLead(boolean may) {
                done.add(may ? "may lead" : "must not lead");
            }
        });
    }

    @Test
    void isMarkedBeforeAnythingElseIsKnownOfIt() {
        assertThat(disagreement.replaced(rig.store())).isEmpty();

        disagreement.outvoted(rig.store(), "at index 7");

        assertThat(done).containsExactly("must not lead", "withdrawn, marked");
        assertThat(mark.read().orElseThrow())
                .startsWith("since 1970-01-01T00:00:00")
                .contains("n1", "at index 7");
    }

    @Test
    void staysWithdrawnOverARestart() {
        disagreement.replaced(rig.store());
        disagreement.outvoted(rig.store(), "at index 7");
        start();

        assertThat(disagreement.replaced(rig.store()).orElseThrow()).contains("at index 7");

        assertThat(disagreement.whyNotServing().orElseThrow()).contains("at index 7");
        assertThat(alarms.raised())
                .singleElement()
                .satisfies(alarm -> assertThat(alarm.getMessage()).contains("at index 7"))
                .extracting(Alarm::getKind)
                .isEqualTo(AlarmKind.ALARM_KIND_DIGEST_MISMATCH);
        done.clear();
        disagreement.started();
        assertThat(done).containsExactly("must not lead");
    }

    @Test
    void servesAnotherStoreThatTookThePlaceOfTheOneThatWasWrong() throws IOException {
        disagreement.replaced(rig.store());
        disagreement.outvoted(rig.store(), "at index 7");
        done.clear();
        disagreement.withdrawn();
        Files.delete(mark.file());

        assertThat(disagreement.replaced(rig.store())).isEmpty();

        assertThat(disagreement.whyNotServing()).isEmpty();
        assertThat(alarms.raised()).isEmpty();
        disagreement.started();
        assertThat(done).containsExactly("may lead");
    }

    /** The files of the next one may lie there already. */
    @Test
    void doesNotMarkAStoreThatIsOnItsWayOut() {
        disagreement.replaced(rig.store());
        disagreement.withdrawn();

        disagreement.outvoted(rig.store(), "at index 7");

        assertThat(mark.read()).isEmpty();
        assertThat(done).isEmpty();
    }

    @Test
    void isWithdrawnAlsoWhereItCannotBeMarked() throws IOException {
        disagreement.replaced(rig.store());
        Files.delete(directory.resolve("store"));

        disagreement.outvoted(rig.store(), "at index 7");

        assertThat(done).containsExactly("must not lead", "withdrawn");
        assertThat(disagreement.whyNotServing()).isPresent();
    }

    /** As a full disk leaves it. */
    @Test
    void isWithdrawnByAMarkThatSaysNothing() throws IOException {
        Files.createFile(mark.file());

        assertThat(disagreement.replaced(rig.store()).orElseThrow()).contains("outvoted");
    }
}
