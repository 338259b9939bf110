// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.scan;

import com.google.protobuf.ByteString;
import io.tidemark.client.Header;
import io.tidemark.client.internal.call.AnsweredHeader;
import io.tidemark.client.internal.call.Moment;
import io.tidemark.client.internal.dispatch.ReadAsk;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.Value;

/** What tests of scans share. */
public final class Scans {

    /** Whatever a server has. */
    public static final ReadAsk EVENTUAL = new ReadAsk(new ReadAsk.Base.Applied(), null, null, 0, "", null, false);

    private Scans() {}

    static Header header(ResponseHeader header, String address, long sentNanos, int attempts) {
        Moment.Clock clock = new Moment.Clock(() -> sentNanos, () -> 0);
        return new AnsweredHeader(header, header.getReadIndex(), sentNanos, address, attempts, clock.now(), clock);
    }

    public static String key(int number) {
        return String.format("k%05d", number);
    }

    public static Row row(int number) {
        return Row.newBuilder()
                .setTable("users")
                .setKey(key(number))
                .setVersion(1)
                .setValue(Value.newBuilder()
                        .setBytes(ByteString.copyFromUtf8("v".repeat(10)))
                        .setContentType("text/plain"))
                .build();
    }
}
