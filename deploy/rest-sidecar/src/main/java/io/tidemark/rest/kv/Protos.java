// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.kv;

import com.google.protobuf.ByteString;
import io.tidemark.api.ProtoTimes;
import io.tidemark.client.Row;
import io.tidemark.proto.v1.Value;
import java.time.Instant;

/** What the SDK gives, as the contract has it. */
public final class Protos {

    private Protos() {}

    /** A row with its bytes, if they are here. */
    public static io.tidemark.proto.v1.Row row(Row<byte[]> row) {
        io.tidemark.proto.v1.Row.Builder proto = io.tidemark.proto.v1.Row.newBuilder()
                .setTable(row.table())
                .setKey(row.key())
                .setVersion(row.version())
                .setCreatedIndex(row.createdIndex())
                .setModifiedIndex(row.modifiedIndex())
                .setModifiedTime(ProtoTimes.timestamp(row.modifiedTime()));
        byte[] value = row.value();
        if (value != null) {
            proto.setValue(
                    Value.newBuilder().setBytes(ByteString.copyFrom(value)).setContentType(row.contentType()));
        }
        Instant expireTime = row.expireTime();
        if (expireTime != null) {
            proto.setExpireTime(ProtoTimes.timestamp(expireTime));
        }
        return proto.build();
    }

    /** What describes a row, where nothing else was asked for. */
    public static io.tidemark.proto.v1.Row withoutValue(io.tidemark.proto.v1.Row row) {
        return row.toBuilder().clearValue().build();
    }
}
