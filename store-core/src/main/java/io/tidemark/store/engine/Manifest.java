// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** A durable state: which tables make it up, and the index, position and horizon that belong to exactly them. */
record Manifest(
        UUID store,
        long generation,
        long index,
        @SuppressWarnings("ArrayRecordComponent") byte[] position,
        long horizon,
        long nextNumber,
        List<TableName> tables) {
    private static final int MAGIC = 0x746D4D01;

    Manifest {
        tables = List.copyOf(tables);
        if (horizon > index) {
            throw new IllegalArgumentException("horizon: " + horizon + " (expected: <= index " + index + ")");
        }
    }

    static Manifest empty() {
        return new Manifest(UUID.randomUUID(), 0, 0, StoredRow.NO_BYTES, 0, 1, List.of());
    }

    Manifest atGeneration(long other) {
        return new Manifest(store, other, index, position, horizon, nextNumber, tables);
    }

    /** The table files of this state; manifests and CURRENT name themselves. */
    Set<String> files() {
        Set<String> names = new HashSet<>();
        for (TableName table : tables) {
            names.add(table.tableFile());
            names.add(table.footerFile());
        }
        return names;
    }

    byte[] encode() throws IOException {
        return Checked.encode(MAGIC, this::writeTo);
    }

    private void writeTo(DataOutputStream out) throws IOException {
        out.writeLong(store.getMostSignificantBits());
        out.writeLong(store.getLeastSignificantBits());
        out.writeLong(generation);
        out.writeLong(index);
        Checked.writeBytes(out, position);
        out.writeLong(horizon);
        out.writeLong(nextNumber);
        out.writeInt(tables.size());
        for (TableName table : tables) {
            out.writeLong(table.number());
            out.writeInt(table.level());
            out.writeLong(table.tableBytes());
            out.writeInt(table.footerCrc());
        }
    }

    static Manifest decode(String file, byte[] bytes) {
        return Checked.decode(file, bytes, MAGIC, Manifest::readFrom);
    }

    private static Manifest readFrom(DataInputStream in) throws IOException {
        UUID store = new UUID(in.readLong(), in.readLong());
        long generation = in.readLong();
        long index = in.readLong();
        byte[] position = Checked.readBytes(in);
        long horizon = in.readLong();
        long nextNumber = in.readLong();
        int count = in.readInt();
        List<TableName> tables = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tables.add(new TableName(in.readLong(), in.readInt(), in.readLong(), in.readInt()));
        }
        return new Manifest(store, generation, index, position, horizon, nextNumber, tables);
    }
}
