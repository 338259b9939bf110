// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import com.google.protobuf.ByteString;
import io.tidemark.client.internal.wire.Names;
import io.tidemark.client.internal.wire.Values;
import io.tidemark.client.internal.wire.Writes;
import io.tidemark.proto.v1.DeleteMutation;
import io.tidemark.proto.v1.DeleteRangeMutation;
import io.tidemark.proto.v1.IncrementMutation;
import io.tidemark.proto.v1.KeyRange;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PatchMutation;
import io.tidemark.proto.v1.PutMutation;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** Changes of rows, as the contract carries them. */
final class Mutations {

    private Mutations() {}

    static <V> Mutation put(TableCalls<V> table, String key, V value, @Nullable Expiry expiry) {
        PutMutation.Builder put = PutMutation.newBuilder()
                .setKey(Names.requireKey(key))
                .setValue(Values.encode(table.codec(), table.table(), key, value));
        if (expiry != null) {
            put.setExpiry(Writes.expiry(expiry));
        }
        return of(table).setPut(put).build();
    }

    static Mutation delete(TableCalls<?> table, String key) {
        return of(table)
                .setDelete(DeleteMutation.newBuilder().setKey(Names.requireKey(key)))
                .build();
    }

    static Mutation deleteRange(TableCalls<?> table, KeyRange.Builder range) {
        return of(table)
                .setDeleteRange(DeleteRangeMutation.newBuilder().setRange(range))
                .build();
    }

    static Mutation patch(TableCalls<?> table, String key, String mergePatch, @Nullable Expiry expiry) {
        PatchMutation.Builder patch =
                PatchMutation.newBuilder().setKey(Names.requireKey(key)).setPatch(Values.json(mergePatch));
        if (expiry != null) {
            patch.setExpiry(Writes.expiry(expiry));
        }
        return of(table).setPatch(patch).build();
    }

    static Mutation increment(TableCalls<?> table, String key, long delta, long initial, @Nullable Expiry expiry) {
        IncrementMutation.Builder increment = IncrementMutation.newBuilder()
                .setKey(Names.requireKey(key))
                .setDelta(delta)
                .setInitial(initial);
        if (expiry != null) {
            increment.setExpiry(Writes.expiry(expiry));
        }
        return of(table).setIncrement(increment).build();
    }

    /** Whether it changes that row, or may have. */
    static boolean concerns(Mutation mutation, String table, String key) {
        if (!mutation.getTable().equals(table)) {
            return false;
        }
        return mutation.hasDeleteRange()
                ? covers(mutation.getDeleteRange().getRange(), key)
                : key.equals(keyOf(mutation));
    }

    /** Keys are ordered by the bytes of their UTF-8. */
    private static boolean covers(KeyRange range, String key) {
        if (range.hasPrefix()) {
            return key.startsWith(range.getPrefix());
        }
        ByteString bytes = ByteString.copyFromUtf8(key);
        Comparator<ByteString> order = ByteString.unsignedLexicographicalComparator();
        return (!range.hasStart() || order.compare(ByteString.copyFromUtf8(range.getStart()), bytes) <= 0)
                && (!range.hasEnd() || order.compare(bytes, ByteString.copyFromUtf8(range.getEnd())) < 0);
    }

    /** Which row it changes. */
    static String keyOf(Mutation mutation) {
        return switch (mutation.getChangeCase()) {
            case PUT -> mutation.getPut().getKey();
            case DELETE -> mutation.getDelete().getKey();
            case PATCH -> mutation.getPatch().getKey();
            case INCREMENT -> mutation.getIncrement().getKey();
            case DELETE_RANGE, CHANGE_NOT_SET -> "";
        };
    }

    private static Mutation.Builder of(TableCalls<?> table) {
        return Mutation.newBuilder().setTable(table.table());
    }
}
