// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.tidemark.proto.v1.TombstoneCause;
import io.tidemark.store.LogTime;
import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import io.tidemark.store.feed.CommitEffects;
import io.tidemark.store.feed.EffectsCodec;
import io.tidemark.store.proto.v1.ChangedRow;
import io.tidemark.store.proto.v1.CommitRecord;
import io.tidemark.store.transition.CommitMark;
import io.tidemark.store.transition.RowEffect;
import io.tidemark.store.transition.SystemChange;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChangeRecordTest {
    private static final LogTime NOW = new LogTime(1_000, 3);
    private static final CommitMark MARK = new CommitMark(NOW, 77);
    private static final StoredRow ROW = new StoredRow(ByteString.copyFromUtf8("v"), "text/plain", 1, 9, 9, NOW, null);

    @Test
    void shouldBeWhatTheMessageIs() {
        RowName first = new RowName("t", "k");
        RowName second = new RowName("t", "schl\u00fcssel");
        CommitEffects commit = new CommitEffects(
                9,
                NOW,
                List.of(
                        new RowEffect.Put(first, 0, 0, ROW),
                        new RowEffect.Tombstone(second, 900, 1, TombstoneCause.TOMBSTONE_CAUSE_EXPIRE)),
                List.of(new SystemChange.HorizonRaised(4)));

        assertThat(ChangeRecord.encode(commit, MARK))
                .isEqualTo(CommitRecord.newBuilder()
                        .setMark(Progress.mark(MARK))
                        .addRows(ChangedRow.newBuilder().setTable("t").setKey("k"))
                        .addRows(ChangedRow.newBuilder()
                                .setTable("t")
                                .setKey(second.key())
                                .setShard(900)
                                .setPosition(1)
                                .setTombstoneCause(TombstoneCause.TOMBSTONE_CAUSE_EXPIRE))
                        .setSystemEffects(EffectsCodec.systemEffects(commit.system()))
                        .build()
                        .toByteArray());
    }

    @Test
    void shouldBeWhatTheMessageIsOfACommitWithoutRows() {
        CommitEffects commit = new CommitEffects(9, NOW, List.of(), List.of());
        assertThat(ChangeRecord.encode(commit, MARK))
                .isEqualTo(CommitRecord.newBuilder()
                        .setMark(Progress.mark(MARK))
                        .setSystemEffects(EffectsCodec.systemEffects(List.of()))
                        .build()
                        .toByteArray());
    }
}
