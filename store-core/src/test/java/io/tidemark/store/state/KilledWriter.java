// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import com.google.protobuf.ByteString;
import io.tidemark.api.HistoryId;
import io.tidemark.store.engine.Engine;
import io.tidemark.store.engine.MapDbEngine;
import io.tidemark.store.transition.RandomEntries;
import java.nio.file.Path;
import java.util.Random;

/**
 * A process that applies the entries of a history to a store until it is killed. Says on standard output what it has come to, and
 * what it was told is durable.
 */
final class KilledWriter {

    static final HistoryId HISTORY = new HistoryId("0123456789abcdef");
    static final String APPLIED = "applied ";
    static final String DURABLE = "durable ";
    private static final int ENTRIES_PER_LINE = 20;

    private KilledWriter() {}

    /** Arguments: the directory, and the seed of the history. */
    public static void main(String[] args) {
        History history = new History(Long.parseLong(args[1]));
        Random random = new Random();
        Store store = open(Path.of(args[0]));
        for (int entry = applied(store); ; entry++) {
            while (history.entryCount() <= entry) {
                history.grow();
            }
            store.apply(history.entry(entry), position(entry + 1));
            if (entry % ENTRIES_PER_LINE == 0) {
                say(APPLIED + (entry + 1));
            }
            if (random.nextInt(100) == 0) {
                store.checkpoint()
                        .thenAccept(checkpoint ->
                                say(DURABLE + checkpoint.position().toStringUtf8()))
                        .exceptionally(failure -> {
                            say("failed " + failure);
                            return null;
                        });
            }
        }
    }

    private static void say(String line) {
        System.out.println(line);
    }

    /** Opens the store, or makes it if there is none. */
    static Store open(Path directory) {
        Engine engine = MapDbEngine.open(directory, StoreModelTest.SMALL.engine());
        return Store.isEmpty(engine)
                ? Store.create(engine, StoreBirth.ofNewHistory(HISTORY, RandomEntries.SETTINGS), StoreModelTest.SMALL)
                : Store.open(engine, StoreModelTest.SMALL);
    }

    private static ByteString position(int entries) {
        return ByteString.copyFromUtf8(Integer.toString(entries));
    }

    /** How many entries a store has applied. */
    static int applied(Store store) {
        return store.position().isEmpty()
                ? 0
                : Integer.parseInt(store.position().toStringUtf8());
    }
}
