// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.watch;

import io.tidemark.client.Failure;
import io.tidemark.client.InvalidRequestException;
import io.tidemark.client.internal.stream.OffCourseException;
import io.tidemark.proto.v1.Fragment;
import io.tidemark.proto.v1.WatchEvent;
import io.tidemark.proto.v1.WatchResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Makes whole commits of messages, which bring several commits, or a part of one. Holds the parts of one commit at most, and no more
 * bytes of it than allowed. Owned by its {@link WatchCourse}.
 */
final class Commits {

    private final long bytesMax;
    private final List<WatchEvent> parts = new ArrayList<>();
    private long partsBytes;
    private int nextFragment;

    /** The changes of one commit, and how much they brought. */
    record Whole(List<WatchEvent> changes, long bytes) {
        long index() {
            return changes.get(0).getIndex();
        }
    }

    Commits(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** What came of a commit that is not whole is void. */
    void clear() {
        parts.clear();
        partsBytes = 0;
        nextFragment = 0;
    }

    /**
     * The commits that are whole with this message.
     *
     * @param through what is at or below it is known already
     */
    List<Whole> take(WatchResponse message, long through) throws OffCourseException {
        if (message.hasFragment()) {
            return takePart(message, message.getFragment(), through);
        }
        if (nextFragment > 0) {
            throw new OffCourseException("something else follows part " + (nextFragment - 1) + " of commit "
                    + parts.get(0).getIndex());
        }
        return split(message.getEventsList(), through, message.getThroughIndex());
    }

    private List<Whole> takePart(WatchResponse message, Fragment fragment, long through) throws OffCourseException {
        List<WatchEvent> events = message.getEventsList();
        if (fragment.getNumber() != nextFragment || events.isEmpty()) {
            throw new OffCourseException("part " + fragment.getNumber() + " of a commit with " + events.size()
                    + " changes (expected: part " + nextFragment + " with some)");
        }
        long index = parts.isEmpty() ? events.get(0).getIndex() : parts.get(0).getIndex();
        long reached = message.getThroughIndex();
        if (fragment.getLast() ? reached < index : reached >= index) {
            throw new OffCourseException("part " + fragment.getNumber() + " of commit " + index + " reaches through "
                    + reached + (fragment.getLast() ? ", and is the last" : ", and is not the last"));
        }
        for (WatchEvent event : events) {
            WatchEvent before = parts.isEmpty() ? null : parts.get(parts.size() - 1);
            if (event.getIndex() != index || (before != null && event.getPosition() <= before.getPosition())) {
                throw outOfOrder(event);
            }
            parts.add(event);
        }
        partsBytes += message.getSerializedSize();
        requireRoom(index);
        nextFragment++;
        if (!fragment.getLast()) {
            return List.of();
        }
        List<Whole> whole = index <= through ? List.of() : List.of(new Whole(List.copyOf(parts), partsBytes));
        clear();
        return whole;
    }

    private static List<Whole> split(List<WatchEvent> events, long through, long reached) throws OffCourseException {
        List<Whole> commits = new ArrayList<>();
        int from = 0;
        long bytes = 0;
        for (int i = 0; i < events.size(); i++) {
            WatchEvent event = events.get(i);
            if (event.getIndex() > reached) {
                throw new OffCourseException(
                        "a change of commit " + event.getIndex() + " in a message that reaches through " + reached);
            }
            bytes += event.getSerializedSize();
            boolean last = i + 1 == events.size();
            if (!last) {
                requireOrder(event, events.get(i + 1));
            }
            if (last || events.get(i + 1).getIndex() != event.getIndex()) {
                if (event.getIndex() > through) {
                    commits.add(new Whole(events.subList(from, i + 1), bytes));
                }
                from = i + 1;
                bytes = 0;
            }
        }
        return commits;
    }

    private static void requireOrder(WatchEvent event, WatchEvent next) throws OffCourseException {
        boolean later = next.getIndex() > event.getIndex()
                || (next.getIndex() == event.getIndex() && next.getPosition() > event.getPosition());
        if (!later) {
            throw outOfOrder(next);
        }
    }

    private static OffCourseException outOfOrder(WatchEvent event) {
        return new OffCourseException(
                "change " + event.getPosition() + " of commit " + event.getIndex() + " comes out of order");
    }

    private void requireRoom(long index) {
        if (partsBytes > bytesMax) {
            throw new InvalidRequestException(
                    new Failure(
                            "watch: commit " + index + " brings more than " + bytesMax
                                    + " bytes; allow more by Watch.commitBytesMax, or watch without values or previous"
                                    + " rows",
                            "TOO_LARGE",
                            Map.of(
                                    "what", "commit",
                                    "size", Long.toString(partsBytes),
                                    "limit", Long.toString(bytesMax)),
                            List.of()),
                    null,
                    List.of());
        }
    }
}
