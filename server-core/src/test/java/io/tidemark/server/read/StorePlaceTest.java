// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.Behind;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.server.call.Failures;
import io.tidemark.server.freshness.Freshness;
import io.tidemark.server.freshness.Proof;
import io.tidemark.server.freshness.Proofs;
import io.tidemark.server.time.ManualTime;
import io.tidemark.store.state.Store;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** While another store takes its place nobody is left waiting for the old one. */
class StorePlaceTest {

    private static final Freshness NOTHING_PROVEN = new Freshness() {
        private final Proofs proofs = new Proofs();

        @Override
        public Proofs proofs() {
            return proofs;
        }

        @Override
        public CompletableFuture<Proof> prove() {
            return new CompletableFuture<>();
        }

        @Override
        public Behind behind() {
            return Behind.BEHIND_APPLY;
        }
    };

    private final ManualTime time = new ManualTime();
    private final StorePlace place =
            new StorePlace("n1", "n1 has no store now", time, time, Runnable::run, LocalTimes::new, Store::horizon);
    private StoreRig rig;

    @BeforeEach
    void open(@TempDir Path directory) {
        rig = new StoreRig(directory);
        rig.put("k", "v");
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void thereIsNoStoreBeforeTheFirstAndAfterOneIsWithdrawn() {
        assertAbsent();
        place.replace(rig.store(), NOTHING_PROVEN);
        assertThat(place.store()).isSameAs(rig.store());
        assertThat(place.index()).isEqualTo(1);
        place.withdraw();
        assertAbsent();
        place.withdraw();
        assertAbsent();
    }

    @Test
    void whoWaitsForAWithdrawnStoreIsTold() {
        place.replace(rig.store(), NOTHING_PROVEN);
        LocalState old = place.get();
        CompletableFuture<Void> waiting = old.waiters().reached(5);
        CompletableFuture<Admission> reading =
                old.gate().admit(new ReadAsk(new ReadAsk.Recent(null, null), 5, Duration.ofSeconds(10), false));
        place.withdraw();
        assertStopping(waiting);
        assertStopping(reading);
        // Nor does anybody wait who had begun with it and comes later.
        assertStopping(old.waiters().reached(5));
        assertThat(old.waiters().reached(1)).isCompleted();
    }

    private void assertAbsent() {
        assertThatThrownBy(place::get)
                .satisfies(e -> assertThat(ErrorStatus.from(e).orElseThrow().reason())
                        .isEqualTo(ErrorReason.ERROR_REASON_STOPPING));
        assertThat(place.present()).isEmpty();
        assertThat(place.index()).isNegative();
        assertThat(place.horizon()).isZero();
    }

    private static void assertStopping(CompletableFuture<?> future) {
        assertThat(future).isCompletedExceptionally();
        assertThatThrownBy(future::join)
                .satisfies(e -> assertThat(ErrorStatus.from(Failures.unwrapped(e))
                                .orElseThrow()
                                .reason())
                        .isEqualTo(ErrorReason.ERROR_REASON_STOPPING));
    }
}
