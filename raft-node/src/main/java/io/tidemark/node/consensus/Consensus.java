// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import com.google.protobuf.ByteString;
import io.tidemark.server.process.StartException;
import io.tidemark.store.engine.EngineException;
import io.tidemark.store.engine.MapDbEngine;
import io.tidemark.store.state.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.ratis.proto.RaftProtos.RaftGroupIdProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.proto.RaftProtos.TermIndexProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientAsynchronousProtocol;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.protocol.exceptions.LeaderNotReadyException;
import org.apache.ratis.protocol.exceptions.LeaderSteppingDownException;
import org.apache.ratis.protocol.exceptions.NotLeaderException;
import org.apache.ratis.protocol.exceptions.ReconfigurationInProgressException;
import org.apache.ratis.protocol.exceptions.ReconfigurationTimeoutException;
import org.apache.ratis.protocol.exceptions.ResourceUnavailableException;
import org.apache.ratis.protocol.exceptions.ServerNotReadyException;
import org.apache.ratis.protocol.exceptions.SetConfigurationException;
import org.apache.ratis.protocol.exceptions.TransferLeadershipException;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.apache.ratis.util.ExitUtils;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This node's part in the group. Every call is for any thread. */
public final class Consensus implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Consensus.class);
    private static final Duration BUILT_WITHIN = Duration.ofSeconds(30);
    private static final Duration CLOSED_WITHIN = Duration.ofSeconds(10);

    private final RaftServer server;
    private final RaftServer.Division division;
    private final RaftClientAsynchronousProtocol submitting;
    private final RaftGroupId group;
    private final NodeStore nodeStore;
    private final StoreStateMachine stateMachine;
    private final PendingProposals proposals;
    private final CommitPush push;
    private final RatisFigures ratisFigures;
    private final Abdication abdication;
    private final LifeWatch lifeWatch;
    private final Heartbeats heartbeats;
    private final Path logDirectory;
    /** Its threads end when there was no change for a while. */
    private final Executor changing = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "tidemark-consensus-changes");
        thread.setDaemon(true);
        return thread;
    });

    private final ClientId clientId = ClientId.randomId();

    /** Configurations are immutable and rarely change, and every answer asks for the membership. */
    private record Known(RaftConfiguration configuration, Membership membership) {}

    private volatile @Nullable Known known;

    private Consensus(
            RaftServer server,
            RaftServer.Division division,
            RaftGroupId group,
            NodeStore nodeStore,
            StoreStateMachine stateMachine,
            PendingProposals proposals,
            CommitPush push,
            RatisFigures ratisFigures,
            ConsensusOptions options) {
        this.push = push;
        this.ratisFigures = ratisFigures;
        this.logDirectory = NodeLayout.log(options.directory(), group.getUuid());
        this.abdication = new Abdication(this, options.electionMax());
        this.server = server;
        this.group = group;
        this.nodeStore = nodeStore;
        this.stateMachine = stateMachine;
        this.proposals = proposals;
        this.division = division;
        if (!(division instanceof RaftClientAsynchronousProtocol direct)) {
            throw new StartException(
                    "this version of Apache Ratis does not take requests without a hop between threads");
        }
        this.submitting = direct;
        this.lifeWatch = new LifeWatch(
                options.electionMax(),
                () -> !division.getInfo().getLifeCycleState().isClosingOrClosed(),
                stateMachine::endedByItself);
        this.heartbeats = new Heartbeats(push, options.electionMin());
        stateMachine.watchStalls(isStalled -> mayLead("disk full", !isStalled));
    }

    /** Whether a node's log was made ready in a directory, so that there may be votes: it takes a restart, and nothing else. */
    public static boolean wasStarted(Path directory) {
        return NodeIdentity.isReady(directory);
    }

    /**
     * Starts to take part.
     *
     * @throws StartException if the directory is not what the mode expects, or cannot be used
     */
    public static Consensus start(ConsensusOptions options, StartMode mode, ConsensusListener listener) {
        // Ratis ends the process when its port is taken; that is not its decision.
        ExitUtils.disableSystemExit();
        NodeIdentity identity =
                new NodeIdentity(options.clusterId(), options.self().id());
        RaftGroupId group = RaftGroupId.valueOf(identity.group());
        try {
            prepare(options, mode, identity);
            List<Member> members = FirstMembers.read(options.directory());
            NodeStore nodeStore = new NodeStore(options.directory(), options.store());
            PendingProposals proposals = new PendingProposals();
            CommitPush push = new CommitPush();
            StoreStateMachine stateMachine = new StoreStateMachine(
                    nodeStore,
                    proposals,
                    listener,
                    push,
                    push::bringsSomebodyTo,
                    new LogGrowth(options.checkpointEntries(), options.checkpointBytes()));
            RatisFigures figures = RatisFigures.register(
                    RaftGroupMemberId.valueOf(RaftPeerId.valueOf(options.self().id()), group)
                            .toString());
            RaftServer server = RaftServer.newBuilder()
                    .setServerId(RaftPeerId.valueOf(options.self().id()))
                    .setGroup(RaftGroup.valueOf(group, toPeers(members)))
                    .setOption(RaftStorage.StartupOption.RECOVER)
                    .setStateMachine(stateMachine)
                    .setProperties(ConsensusProperties.of(options))
                    .setParameters(PushingRpc.parameters(push))
                    .build();
            try {
                // Ratis builds this on a thread of its own and waits for it without end, and was once seen to wait so.
                RaftServer.Division division =
                        BoundedCall.within(BUILT_WITHIN, "building the Raft division", () -> server.getDivision(group));
                server.start();
                return new Consensus(
                        server, division, group, nodeStore, stateMachine, proposals, push, figures, options);
            } catch (IOException | TimeoutException | RuntimeException e) {
                stateMachine.beginClose();
                close(server);
                figures.close();
                nodeStore.close();
                throw e;
            }
        } catch (StartException e) {
            throw e;
        } catch (IOException
                | TimeoutException
                | EngineException
                | IllegalStateException
                | ExitUtils.ExitException
                | CompletionException e) {
            throw new StartException("consensus in " + options.directory() + " cannot start: " + e, e);
        }
    }

    private static void prepare(ConsensusOptions options, StartMode mode, NodeIdentity identity) throws IOException {
        Path directory = options.directory();
        if (mode instanceof StartMode.Restart) {
            identity.require(directory);
            return;
        }
        identity.prepare(directory);
        List<Member> members = List.of();
        if (mode instanceof StartMode.Bootstrap bootstrap) {
            members = bootstrap.members();
            if (!members.contains(options.self())) {
                throw new StartException(
                        "bootstrap with " + members + " (expected: this node among them, " + options.self() + ")");
            }
            MapDbEngine engine = MapDbEngine.open(
                    NodeLayout.store(directory), options.store().engine());
            Store.create(engine, bootstrap.birth(), options.store()).close();
        }
        FirstMembers.write(directory, members);
        formatLog(directory, identity);
        identity.ready(directory);
    }

    /** An empty log, and no vote given. */
    static void formatLog(Path directory, NodeIdentity identity) throws IOException {
        RaftStorage storage = RaftStorage.newBuilder()
                .setDirectory(NodeLayout.group(directory, identity.group()).toFile())
                .setOption(RaftStorage.StartupOption.FORMAT)
                .setStorageFreeSpaceMin(RaftServerConfigKeys.STORAGE_FREE_SPACE_MIN_DEFAULT)
                .setLogCorruptionPolicy(RaftServerConfigKeys.Log.CORRUPTION_POLICY_DEFAULT)
                .build();
        storage.initialize();
        storage.close();
    }

    /** The store to read from; empty while a new node waits for its first checkpoint. */
    public Optional<Store> store() {
        return Optional.ofNullable(nodeStore.get());
    }

    /**
     * Proposes an encoded {@code Entry}. The future completes on the thread that applies, after the store shows it: what hangs on
     * it must be quick.
     */
    public CompletableFuture<ProposalOutcome> propose(ByteString entry) {
        if (entry.size() > ConsensusProperties.ENTRY_BYTES_MAX) {
            throw new IllegalArgumentException("entry: " + entry.size() + " bytes (expected: at most "
                    + ConsensusProperties.ENTRY_BYTES_MAX + ")");
        }
        PendingProposal proposal = proposals.begin();
        if (proposal.outcome().isDone()) {
            return proposal.outcome();
        }
        RaftClientRequest request = RaftClientRequest.newBuilder()
                .setClientId(clientId)
                .setServerId(server.getId())
                .setGroupId(group)
                .setCallId(proposal.callId())
                .setMessage(Message.valueOf(UnsafeByteOperations.unsafeWrap(entry.asReadOnlyByteBuffer())))
                .setType(RaftClientRequest.writeRequestType())
                .build();
        try {
            CompletableFuture<RaftClientReply> unused = submitting
                    .submitClientRequestAsync(request)
                    .whenComplete((reply, failure) -> settle(proposal, failure != null ? failure : failureIn(reply)));
        } catch (IOException | RuntimeException e) {
            settle(proposal, e);
        }
        return proposal.outcome();
    }

    private static @Nullable Throwable failureIn(RaftClientReply reply) {
        return reply.isSuccess() ? null : reply.getException();
    }

    /** What was applied has its outcome already. */
    private void settle(PendingProposal proposal, @Nullable Throwable failure) {
        if (proposal.outcome().isDone()) {
            return;
        }
        Throwable cause = unwrapped(failure);
        proposal.outcome().complete(outcome(proposal, cause));
    }

    private ProposalOutcome outcome(PendingProposal proposal, @Nullable Throwable cause) {
        if (!proposal.mayBeLogged()) {
            if (cause instanceof NotLeaderException notLeader) {
                return new ProposalOutcome.NotLeader(hint(notLeader));
            }
            if (cause instanceof LeaderNotReadyException
                    || cause instanceof LeaderSteppingDownException
                    || cause instanceof ServerNotReadyException) {
                return new ProposalOutcome.NotLeader(null);
            }
            if (cause instanceof ResourceUnavailableException) {
                return new ProposalOutcome.Overloaded();
            }
        }
        return new ProposalOutcome.Unknown(String.valueOf(cause));
    }

    private static @Nullable Throwable unwrapped(@Nullable Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    private @Nullable Member hint(NotLeaderException notLeader) {
        RaftPeer suggested = notLeader.getSuggestedLeader();
        return suggested == null || suggested.getId().equals(server.getId()) ? null : toMember(suggested);
    }

    public Role role() {
        if (stateMachine.isStopped() || division.getInfo().getLifeCycleState() != LifeCycle.State.RUNNING) {
            return Role.NONE;
        }
        return switch (division.getInfo().getCurrentRole()) {
            case LEADER -> Role.LEADER;
            case CANDIDATE -> Role.CANDIDATE;
            case FOLLOWER -> Role.FOLLOWER;
            default -> Role.NONE;
        };
    }

    public long term() {
        return division.getInfo().getCurrentTerm();
    }

    /** Who this node believes to lead; may be wrong. */
    public Optional<Member> leader() {
        RaftPeerId id = division.getInfo().getLeaderId();
        RaftPeer peer = id == null ? null : division.getRaftConf().getPeer(id);
        return Optional.ofNullable(peer).map(Consensus::toMember);
    }

    /** How long ago this node last heard from its leader, or gave a vote; zero where it does not follow anybody. */
    Duration leaderSilence() {
        RoleInfoProto info = division.getInfo().getRoleInfoProto();
        return info.hasFollowerInfo()
                ? Duration.ofMillis(info.getFollowerInfo().getLeaderInfo().getLastRpcElapsedTimeMs())
                : Duration.ZERO;
    }

    /** Whether this node leads and has applied the first entry of its term. */
    public boolean isReady() {
        return role() == Role.LEADER && division.getInfo().isLeaderReady() && stateMachine.readyTerm() == term();
    }

    /** The Raft index up to which this node knows the log to be committed. */
    public long commitIndex() {
        return division.getRaftLog().getLastCommittedIndex();
    }

    /** The Raft index of the last entry applied, those included that are not for the store. */
    public long appliedIndex() {
        return stateMachine.getLastAppliedTermIndex().getIndex();
    }

    /** How many entries of this node's log, committed or not, it has not applied yet. */
    public long unappliedEntries() {
        return Math.max(0, lastLogIndex() - appliedIndex());
    }

    /** The first Raft index that is still in the log; -1 if it is empty. */
    public long firstLogIndex() {
        return division.getRaftLog().getStartIndex();
    }

    /** The Raft index of the last entry in this node's log, committed or not. */
    long lastLogIndex() {
        return division.getRaftLog().getNextIndex() - 1;
    }

    /** The last entry of this node's log, committed or not. */
    public LogEnd logEnd() {
        TermIndex last = division.getRaftLog().getLastEntryTermIndex();
        return last == null ? LogEnd.NONE : new LogEnd(last.getTerm(), last.getIndex());
    }

    /**
     * Has this node campaign at once, as when a leader hands over to it, if it still follows that leader and has an entry of its term.
     * It may not be elected.
     */
    public void campaign(Member gone) {
        LogEnd end = logEnd();
        RaftRpcRequestProto asIfFromIt = RaftRpcRequestProto.newBuilder()
                .setRequestorId(RaftPeerId.valueOf(gone.id()).toByteString())
                .setReplyId(server.getId().toByteString())
                .setRaftGroupId(RaftGroupIdProto.newBuilder().setId(group.toByteString()))
                .build();
        StartLeaderElectionRequestProto request = StartLeaderElectionRequestProto.newBuilder()
                .setServerRequest(asIfFromIt)
                .setLeaderLastEntry(
                        TermIndexProto.newBuilder().setTerm(end.term()).setIndex(end.raftIndex()))
                .build();
        changing.execute(() -> {
            try {
                boolean begun =
                        server.startLeaderElection(request).getServerReply().getSuccess();
                LOG.debug("campaigns in place of {}: {}", gone.id(), begun);
            } catch (IOException | RuntimeException e) {
                LOG.warn("cannot campaign in place of {}, which is gone; an election follows by itself", gone.id(), e);
            }
        });
    }

    /** The disk is full, and nothing is applied until there is room. */
    public boolean isStalled() {
        return stateMachine.isStalled();
    }

    /** As if the disk had filled up, or had room again. For tests. */
    void stall(boolean isStalled) {
        stateMachine.stall(isStalled);
    }

    /** The latest configuration in this node's log, committed or not. */
    public Membership membership() {
        RaftConfiguration latest = division.getRaftConf();
        Known before = known;
        if (before != null && before.configuration == latest) {
            return before.membership;
        }
        Membership membership = new Membership(
                latest.getLogEntryIndex(), toMembers(latest.getCurrentPeers()), toMembers(latest.getPreviousPeers()));
        known = new Known(latest, membership);
        return membership;
    }

    /** Begins a checkpoint. */
    public void checkpoint() {
        stateMachine.checkpoint();
    }

    /**
     * Changes who votes, if that is still as expected. New nodes must be running; they get a checkpoint, and the change is made once
     * they are level. The addresses of a member stay: Ratis would take a change of them alone for none.
     */
    public CompletableFuture<ChangeOutcome> changeMembership(Set<Member> expected, Set<Member> wanted) {
        for (Member member : wanted) {
            RaftPeer known = division.getRaftConf().getPeer(RaftPeerId.valueOf(member.id()));
            if (known != null && !toMember(known).equals(member)) {
                return CompletableFuture.completedFuture(
                        new ChangeOutcome.Refused("addresses of a member do not change: " + toMember(known) + " to "
                                + member + " (expected: remove it, and add it under a new id)"));
            }
        }
        if (!stateMachine.hasCheckpoint() && role() == Role.LEADER) {
            return CompletableFuture.completedFuture(
                    new ChangeOutcome.Refused(
                            "there is no checkpoint yet that a new node could begin with (expected: a moment after the first start)"));
        }
        SetConfigurationRequest.Arguments arguments = SetConfigurationRequest.Arguments.newBuilder()
                .setServersInCurrentConf(toPeers(expected))
                .setServersInNewConf(toPeers(wanted))
                .setMode(SetConfigurationRequest.Mode.COMPARE_AND_SET)
                .build();
        SetConfigurationRequest request =
                new SetConfigurationRequest(clientId, server.getId(), group, proposals.nextCallId(), arguments);
        return change(() -> server.setConfigurationAsync(request));
    }

    /**
     * Hands leadership over.
     *
     * @param to a voter; null: the other one that is furthest, or if none is known this node steps down
     */
    public CompletableFuture<ChangeOutcome> transferLeadership(@Nullable String to, Duration within) {
        return transfer(to == null ? furthestOther().orElse(null) : to, within);
    }

    /** Whoever is elected leads then; it may be this node again. */
    CompletableFuture<ChangeOutcome> stepDown(Duration within) {
        return transfer(null, within);
    }

    /** Who is furthest, of the other voters; empty while this node does not lead. */
    Optional<String> furthestOther() {
        Set<String> voters = membership().voters().stream().map(Member::id).collect(Collectors.toSet());
        return push.progress().stream()
                .filter(other -> voters.contains(other.id()))
                .max(Comparator.naturalOrder())
                .map(FollowerProgress::id);
    }

    private CompletableFuture<ChangeOutcome> transfer(@Nullable String to, Duration within) {
        TransferLeadershipRequest request = new TransferLeadershipRequest(
                clientId,
                server.getId(),
                group,
                proposals.nextCallId(),
                to == null ? null : RaftPeerId.valueOf(to),
                within.toMillis());
        return change(() -> server.transferLeadershipAsync(request));
    }

    /** A follower can only come to lead in a later term, so one in the same term before and after never led in between. */
    private record Standing(boolean follows, long term) {}

    private Standing standing() {
        long term = term();
        return new Standing(division.getInfo().isFollower(), term);
    }

    /**
     * Whether this node may lead, as far as one part of it is concerned: a clock that is off, say. While any part says no, it hands
     * leadership over whenever it has it, to the voter whose log is furthest, or steps down. So it cannot keep others from leading, but
     * the group still has a leader when there is nobody else. A full disk says so by itself.
     */
    public void mayLead(String part, boolean may) {
        CompletableFuture<Void> unused = abdication.mayLead(part, may);
    }

    /** The same of one that must not. Completes once a first attempt to hand over has ended, if this node led. */
    public CompletableFuture<Void> mustNotLead(String part) {
        return abdication.mayLead(part, false);
    }

    /** The figures for operators. */
    public ConsensusFigures figures() {
        return new Figures(this, push, ratisFigures, logDirectory);
    }

    /** What Ratis is asked to do. */
    private interface RatisCall {
        CompletableFuture<RaftClientReply> begin() throws IOException;
    }

    /**
     * Ratis waits within such a call for threads of its own, and answers it on the one that all leading hangs on. So it is called, and
     * what follows its answer is done, on another: a second change begun from the answer to a first would wait for itself.
     */
    private CompletableFuture<ChangeOutcome> change(RatisCall call) {
        Standing before = standing();
        CompletableFuture<ChangeOutcome> outcome = new CompletableFuture<>();
        changing.execute(() -> {
            try {
                CompletableFuture<Boolean> unused = call.begin()
                        .handleAsync(
                                (reply, failure) -> outcome.complete(changeOutcome(
                                        unwrapped(failure != null ? failure : failureIn(reply)),
                                        before.follows() && before.equals(standing()))),
                                changing);
            } catch (IOException | RuntimeException e) {
                outcome.complete(changeOutcome(e, false));
            }
        });
        return outcome;
    }

    /** @param followed whether this node certainly did not lead while it was asked */
    private ChangeOutcome changeOutcome(@Nullable Throwable failure, boolean followed) {
        if (failure == null) {
            return new ChangeOutcome.Done();
        }
        if (failure instanceof NotLeaderException notLeader && followed) {
            return new ChangeOutcome.NotLeader(hint(notLeader));
        }
        if (failure instanceof LeaderNotReadyException
                || failure instanceof ReconfigurationInProgressException
                || failure instanceof ReconfigurationTimeoutException
                || failure instanceof SetConfigurationException
                || failure instanceof TransferLeadershipException) {
            return new ChangeOutcome.Refused(String.valueOf(failure.getMessage()));
        }
        return new ChangeOutcome.Unknown(String.valueOf(failure));
    }

    /** Ratis carries the two other addresses with the configuration, for its own clients, and connects to neither. */
    private static List<RaftPeer> toPeers(Collection<Member> members) {
        return members.stream()
                .map(member -> RaftPeer.newBuilder()
                        .setId(member.id())
                        .setAddress(member.raftAddress())
                        .setAdminAddress(member.internalAddress())
                        .setClientAddress(member.clientAddress())
                        .build())
                .toList();
    }

    private static Set<Member> toMembers(Collection<RaftPeer> peers) {
        return peers.stream().map(Consensus::toMember).collect(Collectors.toSet());
    }

    private static Member toMember(RaftPeer peer) {
        return new Member(peer.getId().toString(), peer.getAddress(), peer.getAdminAddress(), peer.getClientAddress());
    }

    /** Leaves the group's work, makes a last checkpoint, and closes the store. A leader should hand over first. */
    @Override
    public void close() {
        stopRaft();
        Store store = nodeStore.get();
        if (store != null) {
            try {
                store.checkpoint().join();
            } catch (EngineException | CompletionException | IllegalStateException e) {
                LOG.warn("no last checkpoint; the next start applies more of the log again", e);
            }
        }
        nodeStore.close();
    }

    /** Stops as after a crash: what was not in a checkpoint is applied again from the log. */
    void closeWithoutCheckpoint() {
        stopRaft();
        nodeStore.close();
    }

    /**
     * Ratis waits a day for a thread of its own, and without end for the connections of its server: a close was seen to hang there
     * after all of them had gone. The interrupt lets it go on with the rest.
     */
    private static void close(RaftServer server) {
        try {
            boolean unused = BoundedCall.within(CLOSED_WITHIN, "closing the Raft server", () -> {
                server.close();
                return true;
            });
        } catch (IOException | TimeoutException e) {
            LOG.warn("Raft server did not close in order; what is left of it ends with the process", e);
        }
    }

    private void stopRaft() {
        abdication.close();
        lifeWatch.close();
        heartbeats.close();
        stateMachine.beginClose();
        close(server);
        ratisFigures.close();
        proposals.close("this node was stopped");
    }
}
