// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.read;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import io.tidemark.store.engine.CommitRows;
import io.tidemark.store.engine.Engine;
import io.tidemark.store.engine.MapDbEngine;
import io.tidemark.store.engine.View;
import io.tidemark.store.format.Keys;
import io.tidemark.store.format.Rows;
import io.tidemark.store.format.Spaces;
import io.tidemark.store.proto.v1.StorePosition;
import io.tidemark.store.state.StoreOptions;
import java.nio.file.Path;

/** Changes a row on the disk of a store that is closed: what lies there is then not what was applied. No checksum can tell. */
public final class WrongRow {

    private WrongRow() {}

    /** The digests of the store are those of what lies there: as if it had applied something else than it should have. */
    public static void plant(Path directory, RowName name, String value) {
        change(directory, name, value, false);
    }

    /** The digests of the store are those of what was applied. */
    public static void plantUnnoticed(Path directory, RowName name, String value) {
        change(directory, name, value, true);
    }

    private static void change(Path directory, RowName name, String value, boolean unnoticed) {
        try (Engine engine = MapDbEngine.open(directory, StoreOptions.defaults().engine())) {
            byte[] key = Keys.of(name);
            byte[] stored = stored(engine, name);
            StoredRow right = Rows.decode(stored);
            StoredRow wrong = new StoredRow(
                    ByteString.copyFromUtf8(value),
                    right.contentType(),
                    right.version(),
                    right.createdIndex(),
                    right.modifiedIndex(),
                    right.modifiedTime(),
                    right.expireTime());
            long sequence = engine.appliedIndex() + 1;
            StorePosition.Builder position = StorePosition.parseFrom(engine.position()).toBuilder();
            // The store computes its digests anew from what lies there unless they are said to be of the same sequence.
            if (unnoticed) {
                position.setDigestSequence(sequence);
            }
            engine.apply(CommitRows.at(sequence, position.build().toByteArray())
                    .put(Spaces.ROWS, key, Rows.encode(Rows.shard(stored), wrong)));
            engine.checkpoint().join();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("directory " + directory + " holds no store", e);
        }
    }

    private static byte[] stored(Engine engine, RowName name) {
        try (View view = engine.view()) {
            var row = view.get(Spaces.ROWS, Keys.of(name));
            if (row == null) {
                throw new IllegalArgumentException(name + " is not there (expected: a row)");
            }
            return row.value();
        }
    }
}
