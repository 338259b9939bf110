// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.node.consensus.ProposalOutcome;
import io.tidemark.node.sweep.SweepOptions;
import io.tidemark.node.sweep.Sweeper;
import io.tidemark.proto.v1.DropTableRequest;
import io.tidemark.proto.v1.Expiry;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.Value;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.state.StoreView;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweeperTest {

    private static final Duration INTERVAL = Duration.ofSeconds(1);

    @TempDir
    Path directory;

    private SingleNode node;
    private Sweeper sweeper;

    @BeforeEach
    void start() {
        node = new SingleNode(directory, WriteLimits.defaults(), NodeWriteOptions.defaults());
        node.ready = false;
        sweeper = new Sweeper(
                () -> node.store,
                node.path,
                node,
                new SweepOptions(INTERVAL, 3, 1000),
                node.time,
                node.time,
                Runnable::run);
    }

    @AfterEach
    void stop() {
        node.close();
    }

    @Test
    void rowsExpireWithoutAnyWriteInBoundedBatches() {
        node.lead(true, null);
        for (int i = 0; i < 7; i++) {
            put("k" + i, 10);
        }
        put("later", 100);
        node.proposed.clear();
        node.time.pass(Duration.ofSeconds(9));
        assertThat(node.proposed).isEmpty();
        node.time.pass(Duration.ofSeconds(2));
        assertThat(commands())
                .extracting(command -> command.getExpire().getRowsCount())
                .containsExactly(3, 3, 1);
        assertThat(node.store.counters().liveRows()).isEqualTo(1);
        node.time.pass(Duration.ofSeconds(20));
        assertThat(node.proposed).hasSize(3);
    }

    @Test
    void aBatchIsBoundedInBytes() {
        node.lead(true, null);
        for (int i = 0; i < 3; i++) {
            put("k".repeat(600) + i, 10);
        }
        node.proposed.clear();
        node.time.pass(Duration.ofSeconds(12));
        assertThat(commands())
                .extracting(command -> command.getExpire().getRowsCount())
                .containsExactly(1, 1, 1);
    }

    @Test
    void aDroppedTableIsRemovedInSteps() {
        node.lead(true, null);
        for (int i = 0; i < 7; i++) {
            put("k" + i, 1000);
        }
        node.writes
                .dropTable(DropTableRequest.newBuilder().setTable("t").build())
                .join();
        node.proposed.clear();
        sweeper.tableDropped();
        assertThat(commands()).hasSize(3).allMatch(Command::hasDropStep);
        assertThat(tables()).isEmpty();
        node.time.pass(Duration.ofSeconds(5));
        assertThat(node.proposed).hasSize(3);
    }

    @Test
    void aNewLeaderFinishesWhatAnotherBegan() {
        node.ready = true;
        put("k", 1000);
        node.writes
                .dropTable(DropTableRequest.newBuilder().setTable("t").build())
                .join();
        assertThat(tables()).containsExactly("t");
        node.lead(true, null);
        assertThat(tables()).isEmpty();
    }

    @Test
    void whoDoesNotLeadDoesNothing() {
        node.lead(true, null);
        put("k", 10);
        node.lead(false, null);
        node.proposed.clear();
        node.time.pass(Duration.ofSeconds(100));
        assertThat(node.proposed).isEmpty();
        assertThat(node.time.pendingCalls()).isZero();
        node.lead(true, null);
        assertThat(node.proposed).hasSize(1);
    }

    @Test
    void whatFailsIsTriedAgainAfterTheIntervalAndNotBefore() {
        node.lead(true, null);
        put("k", 10);
        node.proposed.clear();
        node.script.add(entry -> new ProposalOutcome.Unknown("?"));
        node.script.add(entry -> new ProposalOutcome.Overloaded());
        node.time.pass(Duration.ofSeconds(10));
        assertThat(node.proposed).hasSize(1);
        node.time.pass(INTERVAL);
        assertThat(node.proposed).hasSize(2);
        node.time.pass(INTERVAL);
        assertThat(node.proposed).hasSize(3);
        assertThat(node.store.counters().liveRows()).isZero();
    }

    private void put(String key, int ttlSeconds) {
        node.writes
                .put(PutRequest.newBuilder()
                        .setTable("t")
                        .setKey(key)
                        .setValue(Value.newBuilder().setText("v"))
                        .setExpiry(Expiry.newBuilder()
                                .setTtl(com.google.protobuf.Duration.newBuilder()
                                        .setSeconds(ttlSeconds)))
                        .build())
                .join();
    }

    private List<Command> commands() {
        return node.proposed.stream()
                .flatMap(entry -> entry.getCommandsList().stream())
                .toList();
    }

    private List<String> tables() {
        try (StoreView view = node.store.view()) {
            return view.tables().stream().map(table -> table.getTable()).toList();
        }
    }
}
