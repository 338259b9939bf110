// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import com.google.protobuf.ByteString;
import io.tidemark.store.feed.CommitEffects;
import io.tidemark.store.format.Keys;
import io.tidemark.store.format.Spaces;
import io.tidemark.store.proto.v1.RequestRecord;
import io.tidemark.store.transition.CommandResult;
import io.tidemark.store.transition.Commit;
import io.tidemark.store.transition.CommitMark;
import io.tidemark.store.transition.Counters;
import io.tidemark.store.transition.RequestChange;
import io.tidemark.store.transition.SystemChange;
import java.util.HashMap;
import java.util.Map;

/** Writes what the transition function made of an entry. */
final class EntryWriter extends BatchWriter {

    private final StoredState state;
    private final Progress before;
    private final Map<Long, CommitMark> marks = new HashMap<>();
    private long supersededBytes;
    private CommitMark horizonMark;
    private long firstForgotten;

    EntryWriter(StoredState state, Progress before) {
        super(state, before);
        this.state = state;
        this.before = before;
        this.supersededBytes = before.counters().supersededBytes();
        this.horizonMark = before.horizonMark();
        this.firstForgotten = before.counters().windowFirst();
    }

    void write(CommandResult result) {
        Commit commit = result.commit();
        if (commit != null) {
            write(commit);
        }
        RequestChange change = result.requestChange();
        if (change != null) {
            write(change);
        }
    }

    private void write(Commit commit) {
        supersededBytes += commit.bytes().supersededBytes();
        CommitMark mark = new CommitMark(commit.logTime(), supersededBytes);
        marks.put(commit.index(), mark);
        CommitEffects effects =
                new CommitEffects(commit.index(), commit.logTime(), commit.rowEffects(), commit.systemChanges());
        written().add(commits().write(effects, mark));
        for (SystemChange change : commit.systemChanges()) {
            if (change instanceof SystemChange.HorizonRaised raised) {
                CommitMark ofThisEntry = marks.get(raised.horizon());
                horizonMark = ofThisEntry != null ? ofThisEntry : state.mark(raised.horizon());
            }
            take(change);
        }
    }

    private void write(RequestChange change) {
        RequestRecord record = change.remembered();
        byte[] id = Keys.text(record.getRequestId());
        batch().putLatest(Spaces.REQUESTS, id, record.toByteArray());
        batch().putLatest(Spaces.REQUEST_ORDER, Keys.number(record.getSequence()), id);
        for (String forgotten : change.forgotten()) {
            batch().deleteLatest(Spaces.REQUESTS, Keys.text(forgotten));
            batch().deleteLatest(Spaces.REQUEST_ORDER, Keys.number(firstForgotten));
            firstForgotten++;
        }
    }

    Progress finish(Counters after, ByteString position) {
        batch().close();
        return new Progress(
                batch().sequence(),
                position,
                after,
                horizonMark,
                before.digestSequence(),
                transitionVersion(),
                before.follows());
    }
}
