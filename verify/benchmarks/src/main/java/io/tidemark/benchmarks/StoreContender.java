// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

import io.tidemark.proto.v1.Mutation;
import io.tidemark.store.KeySpan;
import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import io.tidemark.store.state.RowScan;
import io.tidemark.store.state.StoreView;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The whole store: what the transition function, request ids, the change index, digests and row metadata add to the engine.
 * It keeps its history for as long as in production, so an overwritten row stays longer than in the others.
 */
final class StoreContender implements Contender {
    private final StoreFixture fixture;

    StoreContender(Path directory) {
        this.fixture = new StoreFixture(directory);
    }

    @Override
    public void apply(byte[][] keys, byte[][] values) {
        Mutation[] puts = new Mutation[keys.length];
        for (int i = 0; i < keys.length; i++) {
            puts[i] = StoreFixture.put(keys[i], values[i]);
        }
        fixture.apply(List.of(StoreFixture.commit(puts)));
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        try (StoreView view = fixture.store().view()) {
            StoredRow row = view.get(StoreFixture.name(key));
            return row == null ? null : row.value().toByteArray();
        }
    }

    @Override
    public int getAll(byte[][] keys) {
        List<RowName> names = new ArrayList<>(keys.length);
        for (byte[] key : keys) {
            names.add(StoreFixture.name(key));
        }
        int found = 0;
        try (StoreView view = fixture.store().view()) {
            for (@Nullable StoredRow row : view.get(names)) {
                if (row != null) {
                    found++;
                }
            }
        }
        return found;
    }

    @Override
    public int scan(byte[] from, int rows) {
        KeySpan span = new KeySpan(StoreFixture.TABLE, new String(from, StandardCharsets.US_ASCII), null);
        int seen = 0;
        try (StoreView view = fixture.store().view();
                RowScan scan = view.scan(RowScan.Request.of(span))) {
            while (seen < rows && scan.next() != null) {
                seen++;
            }
        }
        return seen;
    }

    @Override
    public void checkpoint() {
        fixture.checkpoint();
    }

    @Override
    public void compact() {
        fixture.compact();
    }

    @Override
    public void keepTables(boolean keep) {
        if (keep) {
            fixture.reopen(EngineContender.keepingTables(fixture.engineOptions()));
        } else {
            fixture.reopen();
        }
    }

    @Override
    public void reopen() {
        fixture.reopen();
    }

    @Override
    public String toString() {
        return fixture.store().stats().toString();
    }

    @Override
    public void close() {
        fixture.close();
    }
}
