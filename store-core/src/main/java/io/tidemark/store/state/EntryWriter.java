// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import com.google.protobuf.ByteString;
import io.tidemark.store.feed.CommitEffects;
import io.tidemark.store.format.Keys;
import io.tidemark.store.format.Spaces;
import io.tidemark.store.proto.v1.RequestGroup;
import io.tidemark.store.proto.v1.RequestRecord;
import io.tidemark.store.transition.CommandResult;
import io.tidemark.store.transition.Commit;
import io.tidemark.store.transition.CommitMark;
import io.tidemark.store.transition.Counters;
import io.tidemark.store.transition.Registry;
import io.tidemark.store.transition.RequestChange;
import io.tidemark.store.transition.SystemChange;
import java.util.ArrayList;
import java.util.List;

/** Writes what the transition function made of an entry. */
final class EntryWriter extends BatchWriter {

    private static final int GROUP_RECORDS_MAX = 64;
    private static final int GROUP_BYTES_MAX = 64 << 10;

    private final StoredState state;
    private final Progress before;
    /** Of the commits behind the last one before. */
    private final List<CommitMark> marks = new ArrayList<>();

    private final RegistryWriter registry;
    private long supersededBytes;
    private CommitMark horizonMark;

    EntryWriter(StoredState state, Progress before) {
        super(state, before);
        this.state = state;
        this.before = before;
        this.registry = new RegistryWriter(batch(), state.registry());
        this.supersededBytes = before.counters().supersededBytes();
        this.horizonMark = before.horizonMark();
    }

    void write(CommandResult result) {
        Commit commit = result.commit();
        if (commit != null) {
            write(commit);
        }
        RequestChange change = result.requestChange();
        if (change != null) {
            remembered().add(change.remembered());
        }
    }

    private void write(Commit commit) {
        supersededBytes += commit.bytes().supersededBytes();
        CommitMark mark = new CommitMark(commit.logTime(), supersededBytes);
        marks.add(mark);
        CommitEffects effects =
                new CommitEffects(commit.index(), commit.logTime(), commit.rowEffects(), commit.systemChanges());
        written().add(commits().write(effects, mark));
        for (SystemChange change : commit.systemChanges()) {
            if (change instanceof SystemChange.HorizonRaised raised) {
                long behind = raised.horizon() - before.index();
                horizonMark = behind > 0 ? marks.get((int) behind - 1) : state.mark(raised.horizon());
            }
            take(change);
        }
        registry.write(commit);
    }

    /** Groups are small enough that looking at one request costs little. */
    private void writeRequests(Counters after) {
        List<RequestRecord> group = new ArrayList<>();
        int groupBytes = 0;
        for (RequestRecord record : remembered()) {
            group.add(record);
            groupBytes += record.getSerializedSize();
            if (group.size() == GROUP_RECORDS_MAX || groupBytes >= GROUP_BYTES_MAX) {
                writeGroup(group, after);
                group.clear();
                groupBytes = 0;
            }
        }
        if (!group.isEmpty()) {
            writeGroup(group, after);
        }
    }

    private void writeGroup(List<RequestRecord> records, Counters after) {
        if (records.get(records.size() - 1).getSequence() >= after.windowFirst()) {
            byte[] group =
                    RequestGroup.newBuilder().addAllRecords(records).build().toByteArray();
            batch().putLatest(Spaces.REQUESTS, Keys.number(records.get(0).getSequence()), group);
        }
    }

    private void forgetRequests(Counters after) {
        long first = before.counters().windowFirst();
        while (first < Math.min(after.windowFirst(), before.counters().windowNext())) {
            RequestGroups.Group group = state.groupOf(first);
            if (group.end() <= after.windowFirst()) {
                batch().deleteLatest(Spaces.REQUESTS, group.key());
            }
            first = group.end();
        }
    }

    @Override
    Registry registry() {
        return registry.registry();
    }

    Progress finish(Counters after, ByteString position) {
        forgetRequests(after);
        writeRequests(after);
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
