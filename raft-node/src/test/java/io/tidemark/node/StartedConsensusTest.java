// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.api.HistoryId;
import io.tidemark.node.consensus.Consensus;
import io.tidemark.node.consensus.ConsensusListener;
import io.tidemark.node.consensus.ConsensusOptions;
import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.StartMode;
import io.tidemark.server.process.LoopbackPorts;
import io.tidemark.server.process.StartException;
import io.tidemark.store.state.StoreBirth;
import io.tidemark.store.state.StoreOptions;
import io.tidemark.store.validate.SettingsRules;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class StartedConsensusTest {

    @TempDir
    private Path directory;

    private final StartedConsensus started = new StartedConsensus();

    @Test
    void nothingStartsInADirectoryThatWasGivenBack() {
        started.close();
        assertThatThrownBy(() -> started.begin(() -> {
                    throw new AssertionError("it was started");
                }))
                .isInstanceOf(StartException.class);
    }

    /** Whoever closes while it starts waits for it; afterwards the directory is free. */
    @Test
    void whatIsStartingIsClosedToo() throws Exception {
        ConsensusOptions options = options();
        StoreBirth birth = StoreBirth.ofNewHistory(
                new HistoryId("0123456789abcdef"),
                SettingsRules.defaults().toBuilder().setShardCount(4).build());
        CountDownLatch starting = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CompletableFuture<Void> begun = CompletableFuture.runAsync(() -> started.begin(() -> {
            starting.countDown();
            await(goOn);
            return Consensus.start(options, new StartMode.Bootstrap(List.of(options.self()), birth), LISTENER);
        }));
        await(starting);
        CompletableFuture<Void> closed = CompletableFuture.runAsync(started::close);
        assertThat(closed).isNotDone();
        goOn.countDown();
        begun.join();
        closed.join();
        Consensus.start(options, new StartMode.Restart(), LISTENER).close();
    }

    private static final ConsensusListener LISTENER = new ConsensusListener() {
        @Override
        public void stopped(String reason, Throwable cause) {
            throw new AssertionError(reason, cause);
        }
    };

    private ConsensusOptions options() {
        Member self = new Member("n1", "127.0.0.1:" + LoopbackPorts.next(), "internal:1", "client:1");
        return new ConsensusOptions(
                directory,
                "test",
                self,
                StoreOptions.defaults(),
                Duration.ofMillis(300),
                Duration.ofMillis(600),
                1000,
                64 << 20,
                20,
                1 << 20);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
