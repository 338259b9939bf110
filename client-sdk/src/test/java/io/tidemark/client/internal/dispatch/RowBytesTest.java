// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.Value;
import org.junit.jupiter.api.Test;

class RowBytesTest {

    private static Row row(int bytes) {
        return Row.newBuilder()
                .setValue(Value.newBuilder().setBytes(ByteString.copyFrom(new byte[bytes])))
                .build();
    }

    @Test
    void shouldFollowLargerRowsSoonAndSmallerOnesSlowly() {
        RowBytes rows = new RowBytes();
        for (int i = 0; i < 10; i++) {
            rows.saw(row(1 << 20));
        }
        assertThat(rows.expected()).isBetween(900L << 10, (1L << 20) + 1_000);
        for (int i = 0; i < 10; i++) {
            rows.saw(row(100));
        }
        assertThat(rows.expected()).isGreaterThan(700L << 10);
        for (int i = 0; i < 1_000; i++) {
            rows.saw(row(100));
        }
        assertThat(rows.expected()).isLessThan(400);
    }
}
