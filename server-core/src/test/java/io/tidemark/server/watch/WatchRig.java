// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.watch;

import io.tidemark.proto.v1.Behind;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.ServerRole;
import io.tidemark.proto.v1.TopologyVersion;
import io.tidemark.proto.v1.Value;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.proto.v1.WatchRequest;
import io.tidemark.server.call.Answerer;
import io.tidemark.server.freshness.Freshness;
import io.tidemark.server.freshness.Proof;
import io.tidemark.server.freshness.Proofs;
import io.tidemark.server.read.LocalState;
import io.tidemark.server.read.LocalStates;
import io.tidemark.server.time.ManualTime;
import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.StoredRow;
import io.tidemark.store.state.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Watches over a store, where time, room and the workers move only when a test says so. */
final class WatchRig {

    final ManualTime time = new ManualTime();
    final List<Runnable> tasks = new ArrayList<>();
    final Proofs proofs = new Proofs();
    final Watches watches;
    long clusterHorizon;
    int tasksRun;

    @Nullable LocalState state;

    @Nullable Shards serving;

    private final Freshness freshness = new Freshness() {
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
            return Behind.BEHIND_NETWORK;
        }
    };

    private static final Answerer ANSWERER = new Answerer() {
        @Override
        public String serverId() {
            return "s1";
        }

        @Override
        public ServerRole role() {
            return ServerRole.SERVER_ROLE_FOLLOWER;
        }

        @Override
        public long term() {
            return 7;
        }

        @Override
        public TopologyVersion topologyVersion() {
            return TopologyVersion.newBuilder().setEpoch(3).build();
        }
    };

    WatchRig(Store store, WatchOptions options) {
        state = stateOf(store);
        watches = new Watches(
                this::state,
                any -> serving == null ? any.shards() : serving,
                ANSWERER,
                freshness,
                WatchRig::row,
                () -> clusterHorizon,
                options,
                time,
                time,
                tasks::add);
    }

    private LocalState state() {
        if (state == null) {
            throw new WatchErrors(ANSWERER, () -> clusterHorizon).stopping();
        }
        return state;
    }

    /** Each call gives another one, as after the store was replaced. */
    LocalState stateOf(Store store) {
        return LocalStates.of(store, freshness, "s1", () -> clusterHorizon, time);
    }

    static Row row(RowName name, StoredRow row, ValueForm form, RowView view) {
        Row.Builder made = Row.newBuilder()
                .setTable(name.table())
                .setKey(name.key())
                .setVersion(row.version())
                .setModifiedIndex(row.modifiedIndex());
        if (view != RowView.ROW_VIEW_METADATA) {
            made.setValue(Value.newBuilder().setBytes(row.value()));
        }
        return made.build();
    }

    ManualCall watch(int room, UnaryOperator<WatchRequest.Builder> asking) {
        ManualCall call = new ManualCall(room);
        watches.watch(asking.apply(WatchRequest.newBuilder()).build(), call);
        return call;
    }

    /** From an index of the rig's history on. */
    static WatchRequest.Builder from(WatchRequest.Builder request, long index) {
        return request.setFromIndex(index).setHistoryId(WatchedStore.HISTORY.text());
    }

    /** All tasks there are, and those that come of them. */
    void run() {
        while (!tasks.isEmpty()) {
            tasksRun++;
            tasks.remove(0).run();
        }
    }

    void runSome(Random random, int count) {
        for (int i = 0; i < count && !tasks.isEmpty(); i++) {
            tasksRun++;
            tasks.remove(random.nextInt(tasks.size())).run();
        }
    }

    /** A millisecond at a time, so that the workers keep up. */
    void pass(Duration duration) {
        for (long i = 0; i < duration.toMillis(); i++) {
            time.pass(Duration.ofMillis(1));
            run();
        }
    }
}
