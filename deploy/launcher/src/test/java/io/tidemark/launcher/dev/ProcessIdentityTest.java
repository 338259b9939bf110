// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProcessIdentityTest {

    @Test
    void shouldFindTheProcessThatItIs() {
        ProcessIdentity self = ProcessIdentity.of(ProcessHandle.current());

        assertThat(self.find()).contains(ProcessHandle.current());
    }

    @Test
    void shouldNotTakeALaterProcessForIt() {
        ProcessIdentity self = ProcessIdentity.of(ProcessHandle.current());

        assertThat(new ProcessIdentity(self.pid(), self.started().map(at -> at.minus(Duration.ofSeconds(5)))).find())
                .isEmpty();
        assertThat(new ProcessIdentity(self.pid(), Optional.empty()).find()).isEmpty();
    }

    @Test
    void shouldNotFindAProcessThatHasEnded() throws IOException, InterruptedException {
        Process process = new ProcessBuilder("sleep", "60").start();
        ProcessIdentity identity = ProcessIdentity.of(process.toHandle());
        assertThat(identity.find()).isPresent();

        int unused = process.destroyForcibly().waitFor();

        assertThat(identity.find()).isEmpty();
    }
}
