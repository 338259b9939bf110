// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.tidemark.client.Codec;
import io.tidemark.client.CodecException;
import io.tidemark.client.Failure;
import io.tidemark.client.Row;
import io.tidemark.proto.v1.Value;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values and rows, through a codec. */
public final class Values {

    private Values() {}

    /** As the contract carries it. */
    public static <V> Value encode(Codec<V> codec, String table, String key, V value) {
        byte[] bytes;
        try {
            bytes = codec.encode(value);
        } catch (Exception e) {
            throw failed("written", codec, table, key, codec.contentType(), e);
        }
        return Value.newBuilder()
                // The codec has given the array away.
                .setBytes(UnsafeByteOperations.unsafeWrap(bytes))
                .setContentType(codec.contentType())
                .build();
    }

    /** JSON text as it is. */
    public static Value json(String text) {
        return Value.newBuilder()
                .setBytes(ByteString.copyFromUtf8(text))
                .setContentType("application/json")
                .build();
    }

    /**
     * A row with its value, where it has one.
     *
     * @param historyId the history that it was read in
     */
    public static <V> Row<V> row(Codec<V> codec, io.tidemark.proto.v1.Row row, String historyId) {
        V value = row.hasValue() && !row.getValueOmitted() ? decode(codec, row) : null;
        return made(row, row.getValue().getContentType(), value, historyId);
    }

    /** A row whose value is known, for it was just written. */
    public static <V> Row<V> row(io.tidemark.proto.v1.Row row, String contentType, V value, String historyId) {
        return made(row, contentType, value, historyId);
    }

    private static <V> Row<V> made(
            io.tidemark.proto.v1.Row row, String contentType, @Nullable V value, String historyId) {
        return new Row<>(
                row.getTable(),
                row.getKey(),
                value,
                contentType,
                row.getVersion(),
                row.getCreatedIndex(),
                row.getModifiedIndex(),
                Headers.instant(row.getModifiedTime()),
                row.hasExpireTime() ? Headers.instant(row.getExpireTime()) : null,
                historyId);
    }

    /** A row whose bytes came by another way, such as an exception. */
    public static <V> Row<V> row(Codec<V> codec, Row<byte[]> row) {
        byte[] bytes = row.value();
        return new Row<>(
                row.table(),
                row.key(),
                bytes == null ? null : decode(codec, row.table(), row.key(), bytes, row.contentType()),
                row.contentType(),
                row.version(),
                row.createdIndex(),
                row.modifiedIndex(),
                row.modifiedTime(),
                row.expireTime(),
                row.historyId());
    }

    private static <V> V decode(Codec<V> codec, io.tidemark.proto.v1.Row row) {
        return decode(
                codec,
                row.getTable(),
                row.getKey(),
                bytes(row.getValue()),
                row.getValue().getContentType());
    }

    private static <V> V decode(Codec<V> codec, String table, String key, byte[] bytes, String contentType) {
        try {
            return codec.decode(bytes, contentType);
        } catch (Exception e) {
            throw failed("read", codec, table, key, contentType, e);
        }
    }

    /** Whichever form a server chose. */
    private static byte[] bytes(Value value) {
        return value.hasText()
                ? value.getText().getBytes(StandardCharsets.UTF_8)
                : value.getBytes().toByteArray();
    }

    private static CodecException failed(
            String verb, Codec<?> codec, String table, String key, String contentType, Exception cause) {
        return new CodecException(
                new Failure(
                        "value of " + table + "/" + key + " (" + contentType + ") cannot be " + verb + " by "
                                + codec.getClass().getName() + ": " + cause.getMessage(),
                        "CODEC",
                        Map.of("table", table, "key", key, "content_type", contentType),
                        List.of()),
                cause);
    }
}
