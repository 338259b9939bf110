// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import io.tidemark.store.LogTime;

/**
 * The numbers of the state.
 *
 * @param lastIndex the index of the last commit
 * @param logTime the greatest stamp so far
 * @param horizon the oldest index that can be read
 * @param tables how many tables there are, those being dropped included
 * @param liveRows how many rows there are
 * @param liveBytes the size of all rows, as {@link RowSize} counts
 * @param supersededBytes the size of all row versions that commits ever replaced or removed, and of all tombstones; it only
 *     rises, and the difference between two indexes is the history between them
 * @param windowFirst the sequence number of the oldest remembered request id
 * @param windowNext the sequence number of the next one; equal to {@code windowFirst} if none is remembered
 * @param windowFloor the floor of the window: see {@link RequestWindow}
 */
public record Counters(
        long lastIndex,
        LogTime logTime,
        long horizon,
        int tables,
        long liveRows,
        long liveBytes,
        long supersededBytes,
        long windowFirst,
        long windowNext,
        long windowFloor) {

    /** Those of the empty store. */
    public static final Counters EMPTY = new Counters(0, LogTime.MIN, 0, 0, 0, 0, 0, 1, 1, 0);

    Counters at(LogTime time) {
        return through(lastIndex, time);
    }

    /** Up to an index and a time, without a change: what a follower knows of commits that are not for it. */
    public Counters through(long index, LogTime time) {
        return new Counters(
                index,
                time,
                horizon,
                tables,
                liveRows,
                liveBytes,
                supersededBytes,
                windowFirst,
                windowNext,
                windowFloor);
    }

    /** With more rows and bytes, and no commit: as when rows are copied in. */
    public Counters plus(CommitBytes bytes) {
        return new Counters(
                lastIndex,
                logTime,
                horizon,
                tables,
                liveRows + bytes.liveRowsDelta(),
                liveBytes + bytes.liveBytesDelta(),
                supersededBytes + bytes.supersededBytes(),
                windowFirst,
                windowNext,
                windowFloor);
    }

    /** After a commit. */
    public Counters after(Commit commit) {
        int tableDelta = 0;
        long horizonAfter = horizon;
        for (SystemChange change : commit.systemChanges()) {
            if (change instanceof SystemChange.TableChanged changed && changed.created()) {
                tableDelta++;
            } else if (change instanceof SystemChange.TableRemoved) {
                tableDelta--;
            } else if (change instanceof SystemChange.HorizonRaised raised) {
                // That of a replica may be higher than what all others can still read.
                horizonAfter = Math.max(horizonAfter, raised.horizon());
            }
        }
        return new Counters(
                commit.index(),
                commit.logTime(),
                horizonAfter,
                tables + tableDelta,
                liveRows + commit.bytes().liveRowsDelta(),
                liveBytes + commit.bytes().liveBytesDelta(),
                supersededBytes + commit.bytes().supersededBytes(),
                windowFirst,
                windowNext,
                windowFloor);
    }

    /** After a change of the request ids. */
    Counters after(RequestChange change) {
        return new Counters(
                lastIndex,
                logTime,
                horizon,
                tables,
                liveRows,
                liveBytes,
                supersededBytes,
                windowFirst + change.forgotten(),
                change.remembered().getSequence() + 1,
                change.windowFloor());
    }
}
