// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.grpc.server.GrpcLogAppender;
import org.apache.ratis.grpc.server.GrpcServicesImpl;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerRpc;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.raftlog.RaftLogIOException;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.jspecify.annotations.Nullable;

/**
 * Tells followers at once what is committed. Of itself Ratis says so with the next entry, or with the next heartbeat: docs/decisions/0044.
 *
 * <p>A follower that has the committed entries and is sent nothing more gets a heartbeat out of turn. One that still has data under
 * way cannot be told by a heartbeat; its reply to that data comes by here.
 */
final class CommitPush {

    /** How long the reading of entries may take that are sent in place of a heartbeat; never longer than heartbeats are apart. */
    private static final long ENTRIES_WAIT_MILLIS = 100;

    /** Who takes a checkpoint answers each chunk, but for the last only when it has synced all files. One that is gone does not. */
    private static final long ANSWER_WAIT_MILLIS = 5 * 60 * 1000;

    private static final long NOTHING_SENT = -1;

    private final Map<RaftPeerId, Target> targets = new ConcurrentHashMap<>();

    LogAppender newAppender(RaftServer.Division division, LeaderState leader, FollowerInfo follower) {
        Target target = new Target(division, leader, follower);
        targets.put(follower.getId(), target);
        return target.appender;
    }

    /** An entry was applied here, so the commit has moved. Of no effect while this node does not lead. */
    void committed() {
        for (Target target : targets.values()) {
            target.push(false);
        }
    }

    /** How far each other member is; empty while this node does not lead. */
    List<FollowerProgress> progress() {
        List<FollowerProgress> progress = new ArrayList<>();
        targets.forEach((id, target) -> {
            if (target.appender.isRunning()) {
                FollowerInfo follower = target.appender.getFollower();
                progress.add(new FollowerProgress(follower.getMatchIndex(), follower.getCommitIndex(), id.toString()));
            }
        });
        return progress;
    }

    /**
     * Whether a follower is being sent a checkpoint from before an index, or goes on from one, and has not come so far: without the log
     * up to there it would need another one.
     */
    boolean bringsSomebodyTo(long index) {
        return targets.values().stream().anyMatch(target -> target.appender.bringsItsFollowerTo(index));
    }

    /** Also tells followers that there is a leader, if it has not spoken to them for so long. Of no effect while this node does not lead. */
    void beat(long silenceNanos) {
        for (Target target : targets.values()) {
            target.beat(silenceNanos);
        }
    }

    /** Ratis's own, but for how checkpoints are sent (docs/decisions/0041) and for what follows a refused heartbeat. */
    private static final class Appender extends GrpcLogAppender {

        private volatile boolean heartbeatRefused;

        /** Until when entries are read for the present request; of its thread, 0: a heartbeat is sent when it is due. */
        private long entriesUntilNanos;

        /** The Raft index of the last checkpoint that its follower was sent and has not gone on from yet. */
        private volatile long sent = NOTHING_SENT;

        Appender(RaftServer.Division division, LeaderState leader, FollowerInfo follower) {
            super(division, leader, follower);
        }

        /** Ratis asks for its connections by their class. Called by the constructor of the parent, too. */
        @Override
        public GrpcServicesImpl getServerRpc() {
            RaftServerRpc rpc = getServer().getRaftServer().getServerRpc();
            return (GrpcServicesImpl) ((ReconnectingRpc) rpc).connections();
        }

        /**
         * After a heartbeat that did not fit the follower's log, entries. Ratis waits after each refusal, by then another heartbeat is
         * due, and it is refused as well; but only the refusal of entries tells the leader of a checkpoint that it does not know of,
         * such as one whose installation ended with a restart. So the two would go on for ever.
         */
        @Override
        public AppendEntriesRequestProto newAppendEntriesRequest(long callId, boolean heartbeat)
                throws RaftLogIOException {
            if (heartbeatRefused && hasAppendEntries()) {
                long apart = getServer().properties().minRpcTimeoutMs() / 2L;
                entriesUntilNanos =
                        System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(Math.min(apart, ENTRIES_WAIT_MILLIS));
            }
            heartbeatRefused = false;
            try {
                return super.newAppendEntriesRequest(callId, heartbeat);
            } finally {
                entriesUntilNanos = 0;
            }
        }

        @Override
        public long getHeartbeatWaitTimeMs() {
            long until = entriesUntilNanos;
            return until == 0
                    ? super.getHeartbeatWaitTimeMs()
                    : TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
        }

        @Override
        public Iterable<InstallSnapshotRequestProto> newInstallSnapshotRequests(
                String requestId, SnapshotInfo snapshot) {
            sent = snapshot.getIndex();
            return new CheckpointChunks(super.newInstallSnapshotRequests(requestId, snapshot), snapshot.getFiles());
        }

        private boolean bringsItsFollowerTo(long index) {
            long from = sent;
            if (from == NOTHING_SENT || from >= index || !isRunning()) {
                return false;
            }
            FollowerInfo follower = getFollower();
            if (follower.getMatchIndex() >= index) {
                sent = NOTHING_SENT;
                return false;
            }
            return follower.getLastRpcResponseTime().elapsedTimeMs() < ANSWER_WAIT_MILLIS;
        }

        /**
         * Who joins has no state before a checkpoint is in. Ratis takes the first chunk that arrived for the whole, and after a
         * transfer that broke would send the log from its beginning, which is not what the state began with.
         */
        @Override
        public boolean shouldInstallSnapshot(boolean hasSnapshot) {
            boolean hasNothing = getLeaderState().isFollowerBootstrapping(getFollower())
                    && getFollower().getMatchIndex() < RaftLog.LEAST_VALID_LOG_INDEX;
            return (hasSnapshot && hasNothing) || super.shouldInstallSnapshot(hasSnapshot);
        }
    }

    private static final class Target implements LeaderState {
        private final LeaderState leader;
        private final Appender appender;
        private volatile long pushed = -1;

        Target(RaftServer.Division division, LeaderState leader, FollowerInfo follower) {
            this.leader = leader;
            this.appender = new Appender(division, this, follower);
        }

        /**
         * @param again whether an earlier push of the same commit may have been lost: the appender forgets one that comes while it is
         *     just sending, and the reply to what it then sends brings us here
         */
        private void push(boolean again) {
            if (!appender.isRunning()) {
                return;
            }
            long commit = appender.getRaftLog().getLastCommittedIndex();
            FollowerInfo follower = appender.getFollower();
            // Who has matched the commit learns it from one heartbeat, so this cannot go round in circles.
            if ((again || pushed < commit)
                    && follower.getCommitIndex() < commit
                    && follower.getMatchIndex() >= commit
                    && !appender.hasPendingDataRequests()
                    && !appender.hasAppendEntries()) {
                pushed = commit;
                appender.triggerHeartbeat();
            }
        }

        private void beat(long silenceNanos) {
            if (appender.isRunning()
                    && appender.getFollower().getLastRpcSendTime().elapsedTime().toLong(TimeUnit.NANOSECONDS)
                            >= silenceNanos) {
                appender.triggerHeartbeat();
            }
        }

        @Override
        public void onAppendEntriesReply(LogAppender from, AppendEntriesReplyProto reply) {
            leader.onAppendEntriesReply(from, reply);
            if (reply.getIsHearbeat() && reply.getResult() == AppendResult.INCONSISTENCY) {
                appender.heartbeatRefused = true;
            }
            push(reply.getIsHearbeat());
        }

        @Override
        public void restart(LogAppender stopped) {
            leader.restart(stopped);
        }

        @Override
        public AppendEntriesRequestProto newAppendEntriesRequestProto(
                FollowerInfo follower, List<LogEntryProto> entries, @Nullable TermIndex previous, long callId) {
            return leader.newAppendEntriesRequestProto(follower, entries, previous, callId);
        }

        @Override
        public void checkHealth(FollowerInfo follower) {
            leader.checkHealth(follower);
        }

        @Override
        public boolean onFollowerTerm(FollowerInfo follower, long followerTerm) {
            return leader.onFollowerTerm(follower, followerTerm);
        }

        @Override
        public void onFollowerCommitIndex(FollowerInfo follower, long commitIndex) {
            leader.onFollowerCommitIndex(follower, commitIndex);
        }

        @Override
        public void onFollowerSuccessAppendEntries(FollowerInfo follower) {
            leader.onFollowerSuccessAppendEntries(follower);
        }

        @Override
        public boolean isFollowerBootstrapping(FollowerInfo follower) {
            return leader.isFollowerBootstrapping(follower);
        }
    }
}
