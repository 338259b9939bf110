// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.Value;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RowBytesTest {

    private static final int LARGE = 1 << 20;

    private final RowBytes rows = new RowBytes();

    private static Row row(int bytes) {
        return Row.newBuilder()
                .setModifiedIndex(1)
                .setValue(Value.newBuilder().setBytes(ByteString.copyFrom(new byte[bytes])))
                .build();
    }

    private void see(int times, int bytes) {
        for (int i = 0; i < times; i++) {
            rows.saw(RowView.ROW_VIEW_FULL, row(bytes));
        }
    }

    private long expected() {
        return rows.expected(RowView.ROW_VIEW_FULL);
    }

    @Test
    void shouldFollowWhatRowsAre() {
        see(50, LARGE);
        assertThat(expected()).isBetween(LARGE * 9L / 10, LARGE * 11L / 10);
        see(100, 100);
        assertThat(expected()).isLessThan(400);
    }

    @Test
    void shouldTakeManyTogetherForAboutWhatTheyAre() {
        Random random = new Random(1);
        long expected = 0;
        long brought = 0;
        for (int i = 0; i < 10_000; i++) {
            int bytes = random.nextInt(16) == 0 ? 64 << 10 : 200;
            expected += expected();
            brought += bytes;
            see(1, bytes);
        }
        assertThat((double) expected / brought).isBetween(0.8, 1.2);
    }

    @Test
    void shouldLearnOnlyFromWholeRows() {
        see(50, LARGE);
        long before = expected();
        rows.saw(RowView.ROW_VIEW_METADATA, row(0));
        rows.saw(RowView.ROW_VIEW_FULL, Row.getDefaultInstance());
        assertThat(expected()).isEqualTo(before);
        assertThat(rows.expected(RowView.ROW_VIEW_METADATA)).isLessThan(1_000);
    }
}
