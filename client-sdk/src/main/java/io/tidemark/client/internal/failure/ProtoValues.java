// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.failure;

import io.tidemark.api.ProtoTimes;
import io.tidemark.client.Row;
import io.tidemark.client.Unmet;
import io.tidemark.proto.v1.Value;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What the contract's messages are to users. */
public final class ProtoValues {

    private ProtoValues() {}

    /** A row with its bytes, null where they were not given. */
    public static Row<byte[]> row(io.tidemark.proto.v1.Row proto) {
        return new Row<>(
                proto.getTable(),
                proto.getKey(),
                proto.hasValue() ? bytes(proto.getValue()) : null,
                proto.getValue().getContentType(),
                proto.getVersion(),
                proto.getCreatedIndex(),
                proto.getModifiedIndex(),
                ProtoTimes.instant(proto.getModifiedTime()),
                proto.hasExpireTime() ? ProtoTimes.instant(proto.getExpireTime()) : null);
    }

    private static byte @Nullable [] bytes(Value value) {
        return switch (value.getDataCase()) {
            case BYTES -> value.getBytes().toByteArray();
            case TEXT -> value.getText().getBytes(StandardCharsets.UTF_8);
            case JSON, DATA_NOT_SET -> null;
        };
    }

    /** What was not met. */
    public static Unmet unmet(io.tidemark.proto.v1.Unmet proto) {
        return new Unmet(
                switch (proto.getBehind()) {
                    case BEHIND_NETWORK -> Unmet.Behind.NETWORK;
                    case BEHIND_APPLY -> Unmet.Behind.APPLY;
                    case BEHIND_BOOTSTRAP -> Unmet.Behind.BOOTSTRAP;
                    case BEHIND_STARTING -> Unmet.Behind.STARTING;
                    case BEHIND_UNSPECIFIED, UNRECOGNIZED -> Unmet.Behind.UNKNOWN;
                },
                proto.getAskedStrength() == io.tidemark.proto.v1.Strength.STRENGTH_LINEARIZABLE,
                proto.hasAskedStaleness() ? ProtoTimes.duration(proto.getAskedStaleness()) : null,
                proto.hasActualStaleness() ? ProtoTimes.duration(proto.getActualStaleness()) : null,
                proto.hasAskedIndex() ? (Long) proto.getAskedIndex() : null,
                proto.hasActualIndex() ? (Long) proto.getActualIndex() : null,
                proto.hasAskedLag() ? (Long) proto.getAskedLag() : null,
                proto.hasActualLag() ? (Long) proto.getActualLag() : null);
    }
}
