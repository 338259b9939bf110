// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.proto.v1.Value;
import io.tidemark.store.engine.Cursor;
import io.tidemark.store.engine.Direction;
import io.tidemark.store.engine.Engine;
import io.tidemark.store.engine.SimulatedDisk;
import io.tidemark.store.engine.View;
import io.tidemark.store.format.Keys;
import io.tidemark.store.format.Spaces;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.proto.v1.RequestIdentity;
import io.tidemark.store.proto.v1.WriteCommand;
import io.tidemark.store.transition.Outcome;
import io.tidemark.store.transition.Transition;
import io.tidemark.store.validate.SettingsRules;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A window of which entries are parts, and one that is part of an entry: what is remembered, and what is left on disk. */
class RequestGroupsTest {

    private static final int WINDOW = 100;
    private static final int GROUP = 64;
    private static final StoreOptions OPTIONS = StoreOptions.defaults();
    private static final StoreSettings SETTINGS = SettingsRules.defaults().toBuilder()
            .setShardCount(16)
            .setAutoCreateTables(true)
            .setMinRequestIds(WINDOW)
            .setMaxRequestIds(WINDOW)
            .build();

    private final SimulatedDisk disk = new SimulatedDisk();
    private Engine engine = disk.open(OPTIONS.engine());
    private Store store =
            Store.create(engine, StoreBirth.ofNewHistory(new HistoryId("0123456789abcdef"), SETTINGS), OPTIONS);
    private int requests;

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void remembersTheWindowAndNothingElse() {
        for (int puts : new int[] {1, 3, 300, 1, 64, 65, 1, 1, 30, 128, 129, 7, 1000, 100, 99, 2}) {
            assertThat(apply(IntStream.range(requests, requests + puts).toArray()))
                    .hasOnlyElementsOfType(Outcome.Committed.class);
            requests += puts;
            requireWindow();
            if (puts % 2 == 0) {
                store.checkpoint().join();
                store.close();
                engine = disk.open(OPTIONS.engine());
                store = Store.open(engine, OPTIONS);
                requireWindow();
            }
        }
    }

    private void requireWindow() {
        int first = Math.max(0, requests - WINDOW);
        assertThat(apply(IntStream.range(first, requests).toArray())).hasOnlyElementsOfType(Outcome.Replayed.class);
        assertThat(apply(IntStream.range(Math.max(0, first - 2 * WINDOW), first).toArray()))
                .allSatisfy(outcome -> assertThat(outcome).isInstanceOf(Outcome.Refused.class));
        assertThat(store.counters().windowFirst()).isEqualTo(first + 1);
        List<Long> groups = groups();
        assertThat(groups.get(0)).isBetween(first + 1L - GROUP, first + 1L);
        if (groups.size() > 1) {
            assertThat(groups.get(1)).isGreaterThan(first + 1);
        }
    }

    /** The sequence numbers that groups begin with. */
    private List<Long> groups() {
        List<Long> groups = new ArrayList<>();
        try (View view = engine.view();
                Cursor cursor = view.scan(Spaces.REQUESTS, new byte[0], null, Direction.ASCENDING)) {
            for (var row = cursor.next(); row != null; row = cursor.next()) {
                groups.add(Keys.number(row.key()));
            }
        }
        return groups;
    }

    /** Puts of one entry, known by their numbers. New ones know of all before them, retries of nothing. */
    private List<Outcome> apply(int[] numbers) {
        Entry.Builder entry = Entry.newBuilder()
                .setTransitionVersion(Transition.VERSION_FIRST)
                .setLeaderTime(Timestamp.newBuilder().setSeconds(1));
        for (int number : numbers) {
            boolean isNew = number >= requests;
            entry.addCommands(Command.newBuilder()
                    .setWrite(WriteCommand.newBuilder()
                            .setIdentity(RequestIdentity.newBuilder()
                                    .setRequestId("id-" + number)
                                    .setFirstSentIndex(isNew ? store.appliedIndex() + number - requests : 0))
                            .setCommit(CommitRequest.newBuilder()
                                    .addMutations(Mutation.newBuilder()
                                            .setTable("t")
                                            .setPut(PutMutation.newBuilder()
                                                    .setKey("k" + number % 7)
                                                    .setValue(Value.newBuilder()
                                                            .setBytes(ByteString.EMPTY)
                                                            .setContentType("text/plain")))))));
        }
        return store.apply(entry.build(), ByteString.EMPTY).results().stream()
                .map(result -> result.outcome())
                .toList();
    }
}
