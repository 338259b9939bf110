// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.proto.v1.TombstoneCause;
import io.tidemark.store.LogTime;
import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.StoredRow;
import io.tidemark.store.engine.Cursor;
import io.tidemark.store.engine.Direction;
import io.tidemark.store.engine.Engine;
import io.tidemark.store.engine.HorizonPassedException;
import io.tidemark.store.engine.RowVersion;
import io.tidemark.store.engine.View;
import io.tidemark.store.feed.CommitEffects;
import io.tidemark.store.feed.EffectsCodec;
import io.tidemark.store.feed.FeedRead;
import io.tidemark.store.feed.RecentCommits;
import io.tidemark.store.format.Keys;
import io.tidemark.store.format.Rows;
import io.tidemark.store.format.Spaces;
import io.tidemark.store.proto.v1.ChangedRow;
import io.tidemark.store.proto.v1.CommitRecord;
import io.tidemark.store.transition.RowEffect;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What was committed, from any index above the horizon: from memory for who is near, else from the change index and the rows
 * as of each commit. For any thread; never waits for the writer.
 */
public final class ChangeFeed {

    private final Engine engine;
    private final RecentCommits recent;
    private final Supplier<Progress> progress;

    ChangeFeed(Engine engine, RecentCommits recent, Supplier<Progress> progress) {
        this.engine = engine;
        this.recent = recent;
        this.progress = progress;
    }

    /**
     * The commits behind an index, until the bytes are reached or passed.
     *
     * @throws BelowHorizonException if {@code after} is below the horizon: what followed it is no longer known
     * @throws NotAppliedException if {@code after} lies ahead of what is applied
     */
    public FeedRead read(long after, long bytesMax) {
        return read(after, bytesMax, null);
    }

    /**
     * The same for who wants some shards alone: what comes from disk has the effects of no others.
     *
     * @throws BelowHorizonException if {@code after} is below the horizon: what followed it is no longer known
     * @throws NotAppliedException if {@code after} lies ahead of what is applied
     */
    public FeedRead read(long after, long bytesMax, @Nullable Shards shards) {
        FeedRead near = recent(after, bytesMax);
        return near != null ? near : fromDisk(after, bytesMax, shards);
    }

    /**
     * The same from memory alone; null: it is no longer all there.
     *
     * @throws BelowHorizonException if {@code after} is below the horizon
     * @throws NotAppliedException if {@code after} lies ahead of what is applied
     */
    public @Nullable FeedRead recent(long after, long bytesMax) {
        if (bytesMax <= 0) {
            throw new IllegalArgumentException(
                    "bytesMax: " + bytesMax + " (expected: above 0, or nothing is ever read)");
        }
        Progress now = progress.get();
        now.requireApplied(after);
        now.requireKept(after);
        return recent.read(after, now.index(), now.counters().logTime(), bytesMax);
    }

    /** The writer may drop history meanwhile; what was read then is thrown away, for commits may be missing from it. */
    private FeedRead fromDisk(long after, long bytesMax, @Nullable Shards shards) {
        while (true) {
            Progress now = progress.get();
            try {
                FeedRead read = fromDisk(after, now, bytesMax, shards);
                progress.get().requireKept(after);
                return read;
            } catch (HorizonPassedException e) {
                progress.get().requireKept(after);
                // Only the view of an older sequence is gone: there is a newer one.
                if (now.sequence() == progress.get().sequence()) {
                    throw e;
                }
            }
        }
    }

    private FeedRead fromDisk(long after, Progress now, long bytesMax, @Nullable Shards shards) {
        List<CommitEffects> commits = new ArrayList<>();
        long bytes = 0;
        byte[] from = Keys.number(after + 1);
        byte[] to = Keys.number(now.index() + 1);
        try (View view = engine.viewAt(now.sequence());
                Cursor cursor = view.scan(Spaces.COMMITS, from, to, Direction.ASCENDING)) {
            for (RowVersion found = cursor.next(); found != null; found = cursor.next()) {
                if (bytes >= bytesMax) {
                    return FeedRead.cutBefore(commits, Keys.number(found.key()));
                }
                CommitEffects commit = commit(found, shards);
                commits.add(commit);
                bytes += commit.bytes();
            }
        }
        return new FeedRead(commits, now.index(), now.counters().logTime());
    }

    private CommitEffects commit(RowVersion found, @Nullable Shards shards) {
        long index = Keys.number(found.key());
        CommitRecord record = StoredState.parsed(CommitRecord.parser(), found.value());
        if (record == null) {
            throw new MissingCommitException(index);
        }
        List<RowEffect> rows = new ArrayList<>(record.getRowsCount());
        try (View then = engine.viewAt(found.index())) {
            for (ChangedRow row : record.getRowsList()) {
                if (shards == null || shards.contains(row.getShard())) {
                    rows.add(effect(then, row, index));
                }
            }
        }
        LogTime logTime = LogTime.of(record.getMark().getLogTime());
        return new CommitEffects(index, logTime, rows, EffectsCodec.systemChanges(record.getSystemEffects()));
    }

    private static RowEffect effect(View then, ChangedRow changed, long index) {
        RowName name = new RowName(changed.getTable(), changed.getKey());
        if (changed.getTombstoneCause() != TombstoneCause.TOMBSTONE_CAUSE_UNSPECIFIED) {
            return new RowEffect.Tombstone(
                    name, changed.getShard(), changed.getPosition(), changed.getTombstoneCause());
        }
        RowVersion version = then.get(Spaces.ROWS, Keys.of(name));
        StoredRow row = version == null ? null : Rows.decode(version.value());
        if (row == null || row.modifiedIndex() != index) {
            throw new IllegalStateException("row " + name + " is not there as of index " + index
                    + ", though the change index says that it was written then");
        }
        return new RowEffect.Put(name, changed.getShard(), changed.getPosition(), row);
    }
}
