// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.call;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import io.tidemark.proto.v1.ConditionFailed;
import io.tidemark.proto.v1.FailedCondition;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * Keeps errors within the 8 KiB that gRPC clients take for all trailers. A status travels twice: as base64, a third longer, and
 * its message once more beside it, where each byte that is not ASCII takes three.
 *
 * <p>What is too large loses, until it fits: the values of rows, the ends of long texts, rows, and last any other detail that is
 * large. Reason and metadata stay.
 */
final class SmallStatus {

    /** Leaves room for gRPC's own trailers and for those of proxies. */
    private static final int BYTES_MAX = 7 * 1024;

    private static final int TEXT_MAX = 256;
    private static final int DETAIL_BYTES_MAX = 1024;

    private SmallStatus() {}

    static boolean fits(Status status) {
        return size(status) <= BYTES_MAX;
    }

    private static int size(Status status) {
        int message = 0;
        byte[] text = status.getMessage().getBytes(StandardCharsets.UTF_8);
        for (byte b : text) {
            message += b >= ' ' && b <= '~' && b != '%' ? 1 : 3;
        }
        return message + (status.getSerializedSize() + 2) / 3 * 4;
    }

    static Status of(Status status) {
        Status small = status;
        if (!fits(small)) {
            small = with(small, SmallStatus::withoutValues);
        }
        if (!fits(small)) {
            small = with(small, SmallStatus::withShortMetadata).toBuilder()
                    .setMessage(shortened(small.getMessage()))
                    .build();
        }
        if (!fits(small)) {
            small = with(small, SmallStatus::withoutRows);
        }
        if (!fits(small)) {
            small = withoutLargeDetails(small);
        }
        return small;
    }

    private interface Shortening {
        Any apply(Any detail) throws InvalidProtocolBufferException;
    }

    private static Status with(Status status, Shortening shortening) {
        Status.Builder shorter = status.toBuilder();
        for (int i = 0; i < status.getDetailsCount(); i++) {
            try {
                shorter.setDetails(i, shortening.apply(status.getDetails(i)));
            } catch (InvalidProtocolBufferException unreadable) {
                // Its size is judged at the end.
                shorter.setDetails(i, status.getDetails(i));
            }
        }
        return shorter.build();
    }

    private static Any withoutValues(Any detail) throws InvalidProtocolBufferException {
        if (!detail.is(ConditionFailed.class)) {
            return detail;
        }
        ConditionFailed.Builder failed = detail.unpack(ConditionFailed.class).toBuilder();
        for (FailedCondition.Builder condition : failed.getFailedConditionsBuilderList()) {
            if (condition.getCurrentRow().hasValue()) {
                condition.getCurrentRowBuilder().clearValue().setValueOmitted(true);
            }
        }
        return Any.pack(failed.build());
    }

    private static Any withShortMetadata(Any detail) throws InvalidProtocolBufferException {
        if (!detail.is(ErrorInfo.class)) {
            return detail;
        }
        ErrorInfo info = detail.unpack(ErrorInfo.class);
        Map<String, String> metadata = new TreeMap<>();
        info.getMetadataMap().forEach((name, value) -> metadata.put(name, shortened(value)));
        return Any.pack(info.toBuilder().putAllMetadata(metadata).build());
    }

    /** A failed condition without its row would say that there is none; the first ones stay whole. */
    private static Any withoutRows(Any detail) throws InvalidProtocolBufferException {
        if (!detail.is(ConditionFailed.class)) {
            return detail;
        }
        ConditionFailed.Builder failed = detail.unpack(ConditionFailed.class).toBuilder();
        while (failed.getFailedConditionsCount() > 1 && failed.build().getSerializedSize() > DETAIL_BYTES_MAX) {
            failed.removeFailedConditions(failed.getFailedConditionsCount() - 1);
        }
        return Any.pack(failed.build());
    }

    private static Status withoutLargeDetails(Status status) {
        Status.Builder shorter = status.toBuilder().clearDetails();
        for (Any detail : status.getDetailsList()) {
            if (detail.is(ErrorInfo.class) || detail.getSerializedSize() <= DETAIL_BYTES_MAX) {
                shorter.addDetails(detail);
            }
        }
        return shorter.build();
    }

    private static String shortened(String text) {
        if (text.length() <= TEXT_MAX) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(TEXT_MAX - 1)) ? TEXT_MAX - 1 : TEXT_MAX;
        return text.substring(0, end) + "...";
    }
}
