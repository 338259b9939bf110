// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A durable state: which tables make it up, the index, position and horizon that belong to exactly them, and what each
 * space keeps.
 */
record Manifest(
        UUID store,
        long generation,
        long index,
        @SuppressWarnings("ArrayRecordComponent") byte[] position,
        long horizon,
        long nextNumber,
        Map<Integer, Retention> spaces,
        List<TableName> tables) {
    private static final int MAGIC = 0x746D4D02;

    Manifest {
        spaces = Collections.unmodifiableMap(new TreeMap<>(spaces));
        tables = List.copyOf(tables);
        if (horizon > index) {
            throw new IllegalArgumentException("horizon: " + horizon + " (expected: <= index " + index + ")");
        }
    }

    static Manifest empty() {
        return new Manifest(UUID.randomUUID(), 0, 0, EncodedRow.NO_BYTES, 0, 1, Map.of(), List.of());
    }

    /**
     * Refuses options under which rows of this state would be read or dropped by another rule than they were written
     * for. Spaces may be added: before the next state is durable they have no rows.
     */
    void checkSpaces(Map<Integer, Retention> wanted) {
        spaces.forEach((space, kept) -> {
            if (wanted.get(space) != kept) {
                throw new IllegalArgumentException("retention of space " + space + ": "
                        + (wanted.containsKey(space) ? wanted.get(space) : "none") + " (expected: " + kept
                        + ", as in the directory)");
            }
        });
    }

    Manifest atGeneration(long other) {
        return new Manifest(store, other, index, position, horizon, nextNumber, spaces, tables);
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
        out.writeInt(spaces.size());
        for (Map.Entry<Integer, Retention> space : spaces.entrySet()) {
            out.writeByte(space.getKey());
            out.writeByte(code(space.getValue()));
        }
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
        Map<Integer, Retention> spaces = new TreeMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            spaces.put(in.readUnsignedByte(), retention(in.readByte()));
        }
        int count = in.readInt();
        List<TableName> tables = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tables.add(new TableName(in.readLong(), in.readInt(), in.readLong(), in.readInt()));
        }
        return new Manifest(store, generation, index, position, horizon, nextNumber, spaces, tables);
    }

    private static int code(Retention retention) {
        return switch (retention) {
            case VERSIONED -> 0;
            case LOG -> 1;
            case LATEST -> 2;
        };
    }

    private static Retention retention(byte code) throws IOException {
        return switch (code) {
            case 0 -> Retention.VERSIONED;
            case 1 -> Retention.LOG;
            case 2 -> Retention.LATEST;
            default -> throw new IOException("retention: " + code);
        };
    }
}
