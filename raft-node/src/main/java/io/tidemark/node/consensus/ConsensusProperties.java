// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/** Every setting of Ratis that differs from its default or that we rely on, with the reason. */
final class ConsensusProperties {

    /** The largest entry; fixed at birth, for Ratis cannot read an older, larger one once it is lowered. */
    static final int ENTRY_BYTES_MAX = 8 << 20;

    /** What Ratis wraps around what we propose. */
    private static final int ENVELOPE_BYTES = 64 << 10;

    /** What an entry takes at most, on disk and on its way. */
    static final int BUFFER_BYTES = ENTRY_BYTES_MAX + ENVELOPE_BYTES;

    private static final int RECORD_BYTES = 8;
    private static final int RPC_SLACK_BYTES = 2 << 20;
    private static final int CHUNK_BYTES = 1 << 20;
    private static final int CHUNKS_UNDER_WAY = 64;

    /** Even of the largest entries so many take no more than the log should grow by. */
    private static final long ASKED_AFTER_ENTRIES = 64;

    private ConsensusProperties() {}

    static RaftProperties of(ConsensusOptions options) {
        RaftProperties properties = new RaftProperties();
        RaftConfigKeys.Rpc.setType(properties, new PushingRpc());
        transport(properties, options);
        timing(properties, options);
        log(properties, options);
        snapshots(properties, options);
        requests(properties);
        return properties;
    }

    private static void transport(RaftProperties properties, ConsensusOptions options) {
        String address = options.self().raftAddress();
        int colon = address.lastIndexOf(':');
        GrpcConfigKeys.Server.setHost(properties, address.substring(0, colon));
        GrpcConfigKeys.Server.setPort(properties, Integer.parseInt(address.substring(colon + 1)));
        // Must exceed the appender's buffer by 1 MiB, or the server refuses to start.
        GrpcConfigKeys.setMessageSizeMax(properties, SizeInBytes.valueOf(BUFFER_BYTES + RPC_SLACK_BYTES));
        // Heartbeats do not queue behind data.
        GrpcConfigKeys.Server.setHeartbeatChannel(properties, true);
    }

    private static void timing(RaftProperties properties, ConsensusOptions options) {
        TimeDuration min = millis(options.electionMin().toMillis());
        TimeDuration max = millis(options.electionMax().toMillis());
        RaftServerConfigKeys.Rpc.setTimeoutMin(properties, min);
        RaftServerConfigKeys.Rpc.setTimeoutMax(properties, max);
        // Nobody leads yet, so there is nothing to disturb.
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(properties, millis(300));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(properties, millis(600));
        // Eight times this is the limit for one step of a snapshot's transfer, the syncs of its files included; and for
        // as long
        // a leader may wait for a follower that went away during one, without sending it a heartbeat.
        RaftServerConfigKeys.Rpc.setRequestTimeout(properties, TimeDuration.valueOf(3, TimeUnit.SECONDS));
        // A member that comes back after a cut must not depose a working leader.
        RaftServerConfigKeys.LeaderElection.setPreVote(properties, true);
        // The default of 10 s keeps a leader that lost its majority for a moment from campaigning for as long.
        RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(properties, max);
        // A timer that overslept by more skips its round: garbage collection must not become an election.
        RaftServerConfigKeys.setSleepDeviationThreshold(properties, millis(300));
        // Of itself Ratis ends its part, and the process with it, after a pause of a minute: a machine that was
        // suspended. Nothing
        // here rests on how long one was, for who leads is confirmed by terms; so it takes part again.
        RaftServerConfigKeys.setCloseThreshold(properties, TimeDuration.valueOf(365, TimeUnit.DAYS));
        // The default of 0.9 s fails a change of membership during which the new node loads a snapshot.
        RaftServerConfigKeys.setStagingTimeout(properties, TimeDuration.valueOf(60, TimeUnit.SECONDS));
    }

    private static void log(RaftProperties properties, ConsensusOptions options) {
        RaftServerConfigKeys.setStorageDir(
                properties, List.of(NodeLayout.raft(options.directory()).toFile()));
        SizeInBytes buffer = SizeInBytes.valueOf(BUFFER_BYTES);
        RaftServerConfigKeys.Log.Appender.setBufferByteLimit(properties, buffer);
        RaftServerConfigKeys.Log.setWriteBufferSize(properties, SizeInBytes.valueOf(BUFFER_BYTES + RECORD_BYTES));
        RaftServerConfigKeys.Log.setSegmentSizeMax(properties, SizeInBytes.valueOf(options.segmentBytes()));
        // Nobody reads old entries here but slow followers: the feed is served from the store.
        RaftServerConfigKeys.Log.setSegmentCacheNumMax(properties, 2);
        RaftServerConfigKeys.Log.setSegmentCacheSizeMax(properties, SizeInBytes.valueOf("64MB"));
        // A metadata entry per commit doubles the syncs of a lone put; a restarted node learns the commit from its
        // leader, and followers learn it at once by CommitPush.
        RaftServerConfigKeys.Log.setLogMetadataEnabled(properties, false);
        // A lone put does not wait a millisecond to be sent.
        RaftServerConfigKeys.Log.Appender.setWaitTimeMin(properties, TimeDuration.ZERO);
        RaftServerConfigKeys.Log.Appender.setRetryPolicy(properties, appendRetries(options));
        // Composing starts a thread per append on machines with two processors.
        properties.setBoolean("raft.server.log.append-entries.compose.enabled", false);
        // Both would let a commit cover what is not on disk.
        RaftServerConfigKeys.Log.setUnsafeFlushEnabled(properties, false);
        RaftServerConfigKeys.Log.setAsyncFlushEnabled(properties, false);
    }

    private static void snapshots(RaftProperties properties, ConsensusOptions options) {
        // The leader streams the files of a checkpoint: docs/decisions/0041.
        RaftServerConfigKeys.Log.Appender.setInstallSnapshotEnabled(properties, true);
        RaftServerConfigKeys.Log.Appender.setSnapshotChunkSizeMax(properties, SizeInBytes.valueOf(CHUNK_BYTES));
        // A transfer to a node that is gone blocks at this limit until it times out, so small ones must stay below.
        GrpcConfigKeys.Server.setInstallSnapshotRequestElementLimit(properties, CHUNKS_UNDER_WAY);
        RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(properties, true);
        // Ratis counts entries alone, and few may be large: the state machine is asked early, and decides when one is
        // due.
        RaftServerConfigKeys.Snapshot.setAutoTriggerThreshold(
                properties, Math.min(ASKED_AFTER_ENTRIES, options.checkpointEntries()));
        // A checkpoint at the end is made by the caller's close, which can wait for it.
        RaftServerConfigKeys.Snapshot.setTriggerWhenStopEnabled(properties, false);
        RaftServerConfigKeys.Snapshot.setTriggerWhenRemoveEnabled(properties, false);
        // A dead member must not keep the log growing; what it misses it then gets as a snapshot.
        RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(properties, true);
        RaftServerConfigKeys.Log.setPurgePreservationLogNum(properties, options.keptEntries());
        // It drops whenever a checkpoint is reported, which is seldom enough.
        RaftServerConfigKeys.Log.setPurgeGap(properties, 1);
    }

    private static void requests(RaftProperties properties) {
        // Retries are recognised by the store. Here each proposal has an id of its own, so nothing need be remembered.
        RaftServerConfigKeys.RetryCache.setExpiryTime(properties, TimeDuration.valueOf(2, TimeUnit.SECONDS));
        // Far above what the write path has under way: admission is its matter.
        RaftServerConfigKeys.Write.setElementLimit(properties, 1024);
    }

    /**
     * How long the leader lets a follower be that does not answer. The default comes to 5 s when one was away for half a
     * minute: it is not spoken to for so long when it is back, campaigns, and if another goes meanwhile the leader has lost its
     * majority. So never as long as an election timeout (Ratis waits half as long again at most), and never at its end, after
     * which Ratis would not wait at all.
     */
    private static String appendRetries(ConsensusOptions options) {
        long most = options.electionMin().toMillis() / 2;
        return "1ms,10," + Math.max(1, most / 5) + "ms,20," + Math.max(1, most) + "ms," + Integer.MAX_VALUE;
    }

    private static TimeDuration millis(long millis) {
        return TimeDuration.valueOf(millis, TimeUnit.MILLISECONDS);
    }
}
