// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.feed;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.tidemark.proto.v1.FeedCommit;
import io.tidemark.proto.v1.ShardEffects;
import io.tidemark.proto.v1.TombstoneCause;
import io.tidemark.store.LogTime;
import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.StoredRow;
import io.tidemark.store.transition.RowEffect;
import io.tidemark.store.transition.SystemChange;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommitEffectsTest {

    private static final int SHARDS = 8;
    private static final LogTime TIME = new LogTime(5_000, 7);

    private final RowEffect.Put put = new RowEffect.Put(
            new RowName("users", "ann"),
            3,
            0,
            new StoredRow(ByteString.copyFromUtf8("{}"), "application/json", 2, 4, 9, TIME, null));
    private final RowEffect.Tombstone tombstone =
            new RowEffect.Tombstone(new RowName("users", "bob"), 5, 1, TombstoneCause.TOMBSTONE_CAUSE_DELETE);
    private final CommitEffects made =
            new CommitEffects(9, TIME, List.of(put, tombstone), List.of(new SystemChange.HorizonRaised(4)));

    @Test
    void shouldPassOnTheBytesThatCame() {
        FeedCommit sent = requireNonNull(made.forShards(Shards.all(SHARDS)));
        CommitEffects received = CommitEffects.of(sent);
        assertThat(received.index()).isEqualTo(9);
        assertThat(received.logTime()).isEqualTo(TIME);
        assertThat(received.rows()).containsExactly(put, tombstone);
        assertThat(received.system()).containsExactly(new SystemChange.HorizonRaised(4));
        assertThat(received.bytes()).isEqualTo(made.bytes());
        assertThat(received.of(Shards.all(SHARDS))).isSameAs(received);
        assertThat(received.forAll()).isSameAs(sent);
    }

    @Test
    void shouldPassOnNothingOfShardsThatAreNotKept() {
        CommitEffects received = CommitEffects.of(requireNonNull(made.forShards(Shards.all(SHARDS))));
        CommitEffects kept = received.of(Shards.of(5));
        assertThat(kept.rows()).containsExactly(tombstone);
        assertThat(kept.system()).containsExactly(new SystemChange.HorizonRaised(4));
        assertThat(kept.forAll().getShardsList())
                .extracting(ShardEffects::getShard)
                .containsExactly(5);
        assertThat(kept.bytes()).isLessThan(received.bytes());
    }

    @Test
    void shouldRefuseBytesThatEndInTheMiddle() {
        FeedCommit sent = requireNonNull(made.forShards(Shards.all(SHARDS)));
        ByteString effects = sent.getShards(0).getEffects();
        for (int length = 1; length < effects.size(); length++) {
            FeedCommit.Builder cut = sent.toBuilder();
            cut.getShardsBuilder(0).setEffects(effects.substring(0, length));
            assertThatThrownBy(() -> CommitEffects.of(cut.build()))
                    .as("%d bytes of %d", length, effects.size())
                    .isInstanceOf(IllegalArgumentException.class);
        }
        FeedCommit.Builder ended = sent.toBuilder();
        // A tag that ends a group which has not begun.
        ended.getShardsBuilder(0).setEffects(ByteString.copyFrom(new byte[] {0x0c}));
        assertThatThrownBy(() -> CommitEffects.of(ended.build())).isInstanceOf(IllegalArgumentException.class);
    }
}
