// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.stub.StreamObserver;
import io.tidemark.api.ErrorStatus;
import io.tidemark.api.ProtoTimes;
import io.tidemark.proto.v1.Behind;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.ServerRole;
import io.tidemark.proto.v1.TopologyVersion;
import io.tidemark.proto.v1.WhenUnmet;
import io.tidemark.server.call.Answerer;
import io.tidemark.server.call.Headers;
import io.tidemark.server.call.Workers;
import io.tidemark.server.freshness.Freshness;
import io.tidemark.server.freshness.Proof;
import io.tidemark.server.freshness.Proofs;
import io.tidemark.server.read.IndexWaiters;
import io.tidemark.server.read.LocalState;
import io.tidemark.server.read.LocalTimes;
import io.tidemark.server.read.ReadCounts;
import io.tidemark.server.read.ReadErrors;
import io.tidemark.server.read.ReadGate;
import io.tidemark.server.read.StoreRig;
import io.tidemark.server.time.ManualTime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads during which time passes, as it does for a process that stands still. */
class ReadsTest {

    private static final Duration BOUND = Duration.ofMillis(500);
    private static final ReadOptions BOUNDED =
            ReadOptions.newBuilder().setMaxStaleness(ProtoTimes.duration(BOUND)).build();

    private static final Answerer ANSWERER = new Answerer() {
        @Override
        public String serverId() {
            return "r1";
        }

        @Override
        public ServerRole role() {
            return ServerRole.SERVER_ROLE_REPLICA;
        }

        @Override
        public long term() {
            return 1;
        }

        @Override
        public TopologyVersion topologyVersion() {
            return TopologyVersion.getDefaultInstance();
        }
    };

    private final ManualTime time = new ManualTime();
    private final Workers workers = new Workers("workers-test", 1, 10);
    private final List<ResponseHeader> answers = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private final StreamObserver<ResponseHeader> caller = new StreamObserver<>() {
        @Override
        public void onNext(ResponseHeader value) {
            answers.add(value);
        }

        @Override
        public void onError(Throwable failure) {
            failures.add(failure);
        }

        @Override
        public void onCompleted() {}
    };
    private StoreRig rig;
    private Reads reads;
    private int read;

    @BeforeEach
    void open(@TempDir Path directory) {
        rig = new StoreRig(directory);
        rig.put("a", "1");
        Proofs proofs = new Proofs();
        Freshness freshness = new Freshness() {
            @Override
            public Proofs proofs() {
                return proofs;
            }

            @Override
            public CompletableFuture<Proof> prove() {
                Proof proof = new Proof(time.now(), rig.store().appliedIndex());
                proofs.add(proof);
                return CompletableFuture.completedFuture(proof);
            }

            @Override
            public Behind behind() {
                return Behind.BEHIND_NETWORK;
            }
        };
        IndexWaiters waiters = new IndexWaiters(rig.store()::appliedIndex, Runnable::run);
        ReadErrors errors = new ReadErrors(rig.store(), freshness, time, "r1", () -> 0);
        ReadGate gate = new ReadGate(
                rig.store(),
                freshness,
                waiters,
                time,
                time,
                errors,
                new LocalTimes(rig.store(), waiters),
                new ReadCounts());
        LocalState local = new LocalState(rig.store(), waiters, gate);
        reads = new Reads(() -> local, new Headers(ANSWERER), RequestLimits.defaults(), workers);
    }

    @AfterEach
    void close() {
        workers.close();
        rig.close();
    }

    /** Reads what stands still for longer than the bound, the first few times. */
    private void read(ReadOptions options, int interrupted) {
        reads.answer(reads.local(), caller, options, Reads.Length.SHORT, reading -> {
            if (read++ < interrupted) {
                time.pass(BOUND.plusMillis(100));
            }
            return reading.header();
        });
    }

    @Test
    void shouldReadOnceMoreWhatTookLongerThanItsBound() {
        read(BOUNDED, 1);

        assertThat(failures).isEmpty();
        assertThat(read).isEqualTo(2);
        assertThat(answers).singleElement().satisfies(header -> {
            assertThat(ProtoTimes.duration(header.getStaleness())).isLessThanOrEqualTo(BOUND);
            assertThat(header.hasUnmet()).isFalse();
        });
    }

    @Test
    void shouldRefuseWhatTakesLongerThanItsBoundAgain() {
        read(BOUNDED, 2);

        assertThat(answers).isEmpty();
        assertThat(read).isEqualTo(2);
        assertThat(failures)
                .singleElement()
                .satisfies(failure -> assertThat(
                                ErrorStatus.from(failure).orElseThrow().reason())
                        .isEqualTo(ErrorReason.ERROR_REASON_TOO_STALE));
    }

    @Test
    void shouldServeWhatTookLongerThanItsBoundIfItMayBeUnmetAndSaySo() {
        read(BOUNDED.toBuilder().setWhenUnmet(WhenUnmet.WHEN_UNMET_SERVE).build(), 1);

        assertThat(failures).isEmpty();
        assertThat(read).isEqualTo(1);
        assertThat(answers).singleElement().satisfies(header -> {
            assertThat(ProtoTimes.duration(header.getStaleness())).isGreaterThan(BOUND);
            assertThat(header.getUnmet().getAskedStaleness()).isEqualTo(ProtoTimes.duration(BOUND));
        });
    }

    /** A proof that began after the read came is as fresh as was asked for, however long the rest takes. */
    @Test
    void shouldNotBoundWhatAskedForAProofOfItsOwn() {
        read(
                ReadOptions.newBuilder()
                        .setMaxStaleness(com.google.protobuf.Duration.getDefaultInstance())
                        .build(),
                1);

        assertThat(failures).isEmpty();
        assertThat(read).isEqualTo(1);
        assertThat(answers).hasSize(1);
    }
}
