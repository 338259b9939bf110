// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.tidemark.node.write.SubmitOutcome;
import io.tidemark.proto.v1.AlarmKind;
import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.server.time.Timers;
import io.tidemark.server.upkeep.Alarms;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses writes before the disk is full. A store without room waits for it, but a log without room ends the node, and the nodes of a
 * cluster fill up together. So a leader takes no writes while its disk is down to the reserve, and none while those nodes that have
 * more are too few to be a majority: what it took, the others would have to keep. For any thread.
 */
final class DiskReserve implements AutoCloseable {

    static final Duration INTERVAL = Duration.ofSeconds(1);

    /** What a node said of its disk longer ago says nothing about now. */
    static final Duration HEARD_WITHIN = Duration.ofSeconds(5);

    /** Of a small disk no more than this part is kept back. */
    private static final int DISK_PARTS = 20;

    /** So much more than the reserve, as a part of it, must be there before writes are taken again: else they come and go. */
    private static final int LIFT_PARTS = 4;

    private static final Logger LOG = LoggerFactory.getLogger(DiskReserve.class);

    /** The disk that the data directory lies on. */
    interface Space {
        long totalBytes() throws IOException;

        long usableBytes() throws IOException;

        static Space of(Path directory) {
            return new Space() {
                @Override
                public long totalBytes() throws IOException {
                    return disk().getTotalSpace();
                }

                @Override
                public long usableBytes() throws IOException {
                    return disk().getUsableSpace();
                }

                private FileStore disk() throws IOException {
                    return Files.getFileStore(directory);
                }
            };
        }
    }

    /** What is asked of the node, and done to it. */
    interface Node {
        boolean leads();

        /** By their ids, this node among them. */
        Set<String> voters();

        /** What the other nodes have said of themselves lately, by their ids, as far as the leader has heard it. */
        Map<String, GetStatusResponse> heard();

        /** Callers' writes are refused with this; null: they are taken. */
        void refuse(SubmitOutcome.@Nullable StoreFull full);

        CompletableFuture<?> handOver(String to);
    }

    private final String selfId;
    private final long reserve;
    private final Space space;
    private final Alarms alarms;
    private final Timers timers;
    private final Node node;
    private volatile boolean stalled;
    private boolean closed;
    private boolean low;
    private boolean unreadable;
    private boolean handingOver;
    private long usable;
    private long asked;

    /** Those other nodes that are low, where too few have room; empty: enough have, or this node does not lead. */
    private List<String> tooFewBut = List.of();

    /** @param reserve how many bytes stay free; 0: nobody looks */
    DiskReserve(String selfId, long reserve, Space space, Alarms alarms, Timers timers, Node node) {
        this.selfId = selfId;
        this.reserve = reserve;
        this.space = space;
        this.alarms = alarms;
        this.timers = timers;
        this.node = node;
    }

    /** Looks from now on, every second. */
    void begin() {
        timers.after(INTERVAL, this::look);
    }

    /** The disk is full, and nothing is applied until there is room; false: it goes on. */
    synchronized void stalled(boolean isStalled) {
        stalled = isStalled;
        show();
    }

    boolean isStalled() {
        return stalled;
    }

    private synchronized void look() {
        if (closed) {
            return;
        }
        timers.after(INTERVAL, this::look);
        if (reserve > 0) {
            measure();
        }
        lookAtOthers();
        show();
    }

    private void measure() {
        try {
            asked = Math.min(reserve, space.totalBytes() / DISK_PARTS);
            usable = space.usableBytes();
            unreadable = false;
        } catch (IOException e) {
            if (!unreadable) {
                LOG.warn("how much room the disk has cannot be told; taken to be as before", e);
            }
            unreadable = true;
            return;
        }
        boolean now = usable < (low ? liftedAt() : asked);
        if (now != low) {
            low = now;
            if (low) {
                LOG.error("{}", message());
            } else {
                LOG.info("the disk of node {} has room again: {} bytes", selfId, usable);
            }
        }
    }

    private long liftedAt() {
        return asked + asked / LIFT_PARTS;
    }

    private String message() {
        return "the disk of node " + selfId + " is nearly full: " + usable + " bytes are left (expected: " + asked
                + ", the reserve), so it takes no writes as a leader until there are " + liftedAt();
    }

    /** A node that did not answer has neither room nor lacks it. */
    private void lookAtOthers() {
        Map<String, GetStatusResponse> withRoom = new TreeMap<>();
        Map<String, GetStatusResponse> without = new TreeMap<>();
        Set<String> voters = node.voters();
        if (node.leads()) {
            node.heard().forEach((id, status) -> {
                if (voters.contains(id) && !id.equals(selfId)) {
                    (isFull(status) ? without : withRoom).put(id, status);
                }
            });
        }
        int majority = voters.size() / 2 + 1;
        List<String> now =
                !without.isEmpty() && withRoom.size() + 1 < majority ? List.copyOf(without.keySet()) : List.of();
        if (!now.equals(tooFewBut)) {
            tooFewBut = now;
            if (now.isEmpty()) {
                LOG.info("enough nodes have room again, or node {} does not lead any more", selfId);
            } else {
                LOG.error("the disks of nodes {} are nearly full, and too few others have room for writes", now);
            }
        }
        if (low && !stalled && withRoom.size() >= majority) {
            withRoom.entrySet().stream()
                    .max(Comparator.comparingLong(
                            other -> other.getValue().getNode().getRaftCommitIndex()))
                    .ifPresent(furthest -> handOver(furthest.getKey()));
        }
    }

    private static boolean isFull(GetStatusResponse status) {
        return status.getAlarmsList().stream().anyMatch(alarm -> alarm.getKind() == AlarmKind.ALARM_KIND_STORE_FULL);
    }

    private void handOver(String to) {
        if (handingOver) {
            return;
        }
        handingOver = true;
        CompletableFuture<Void> unused = node.handOver(to).handle((outcome, failure) -> {
            LOG.info("handing leadership over to {}, which has room: {}", to, failure == null ? outcome : failure);
            synchronized (this) {
                handingOver = false;
            }
            return null;
        });
    }

    private void show() {
        if (stalled) {
            alarm("the disk of node " + selfId + " is full: nothing is applied until there is room");
            node.refuse(new SubmitOutcome.StoreFull("the disk of " + selfId + " is full", 0, true));
        } else if (low) {
            alarm(message());
            node.refuse(new SubmitOutcome.StoreFull("the disk of " + selfId + " is nearly full", liftedAt(), false));
        } else {
            alarms.clear(AlarmKind.ALARM_KIND_STORE_FULL, subject());
            node.refuse(refusalForOthers().orElse(null));
        }
    }

    private Optional<SubmitOutcome.StoreFull> refusalForOthers() {
        return tooFewBut.isEmpty()
                ? Optional.empty()
                : Optional.of(new SubmitOutcome.StoreFull(
                        "too few nodes have room, and the disks of others are nearly full: "
                                + String.join(", ", tooFewBut),
                        asked,
                        false));
    }

    private void alarm(String message) {
        alarms.raise(AlarmKind.ALARM_KIND_STORE_FULL, subject(), message);
    }

    private Map<String, String> subject() {
        return Map.of("node", selfId);
    }

    @Override
    public synchronized void close() {
        closed = true;
    }
}
