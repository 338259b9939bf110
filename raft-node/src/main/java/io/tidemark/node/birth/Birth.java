// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.birth;

import io.grpc.BindableService;
import io.tidemark.node.birth.Born.Start;
import io.tidemark.proto.v1.BirthPlan;
import io.tidemark.proto.v1.ExchangeBirthRequest;
import io.tidemark.proto.v1.ExchangeBirthResponse;
import io.tidemark.proto.v1.ExchangeBirthResponse.StateCase;
import io.tidemark.proto.v1.FirstMember;
import io.tidemark.proto.v1.FormedCluster;
import io.tidemark.server.process.StartException;
import io.tidemark.server.time.Timers;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a node comes to be part of a cluster, and for as long as it runs what it answers to others that want to.
 *
 * <ul>
 *   <li>An empty directory first gets a disk id, random and on disk before anybody is told.
 *   <li>A first member asks all others, round after round. It forms the cluster when one round brought the same plan from all
 *       of them, or when one of them is in a cluster that has this very disk among its members.
 *   <li>A node that joins asks those it is told of, until all who answer name one cluster, a majority of the members that each of
 *       them names is among them, and none of these has the node among its members already.
 *   <li>Two plans that differ, or a disk that is not the one that the others know: the node refuses.
 * </ul>
 *
 * <p>All state is guarded by the lock of this object, under which nothing waits; files are written on the executor.
 */
public final class Birth implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Birth.class);

    private static final Duration PAUSE_MIN = Duration.ofMillis(50);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(1);
    private static final String REPLACE =
            "remove the node from the cluster, and start another one on an empty directory"
                    + " under a new id, with cluster.start: join";

    private final BirthOptions options;
    private final BirthTransport transport;
    private final Timers timers;
    private final Executor disk;
    private final BirthFile file;
    private final String diskId;
    private final Map<String, String> others;
    private final CompletableFuture<Born> born = new CompletableFuture<>();

    private Supplier<Set<String>> memberIds = Set::of;
    private @Nullable FormedCluster formed;
    private boolean started;
    private boolean asking;
    private @Nullable Round round;
    private Duration pause = PAUSE_MIN;
    private String waitingFor = "not begun";

    private Birth(
            BirthOptions options,
            BirthTransport transport,
            Timers timers,
            Executor disk,
            BirthFile file,
            BirthFile.Content content) {
        this.options = options;
        this.transport = transport;
        this.timers = timers;
        this.disk = disk;
        this.file = file;
        this.diskId = content.answer().getDiskId();
        this.formed = content.answer().hasFormed() ? content.answer().getFormed() : null;
        this.started = content.started();
        this.others = new TreeMap<>();
        options.plan().getMembersList().forEach(member -> others.put(member.getNodeId(), member.getInternalAddress()));
        others.remove(options.nodeId());
    }

    /**
     * Takes a directory, and gives it a disk id if it is empty.
     *
     * @param newDiskId a random one
     * @param disk where files may be written
     * @throws StartException if it is another node's, or damaged
     */
    public static Birth open(
            BirthOptions options, BirthTransport transport, Timers timers, Supplier<String> newDiskId, Executor disk) {
        BirthFile file = new BirthFile(options.directory());
        try {
            Optional<BirthFile.Content> found = file.read();
            if (found.isEmpty()) {
                BirthFile.Content content = new BirthFile.Content(
                        ExchangeBirthResponse.newBuilder()
                                .setNodeId(options.nodeId())
                                .setDiskId(newDiskId.get())
                                .build(),
                        false);
                file.write(content);
                return new Birth(options, transport, timers, disk, file, content);
            }
            ExchangeBirthResponse answer = found.get().answer();
            if (!answer.getNodeId().equals(options.nodeId())) {
                throw new StartException("data directory " + options.directory() + " belongs to node "
                        + answer.getNodeId() + " (expected: " + options.nodeId() + ", the id of this one)");
            }
            if (answer.hasFormed() && !ClusterIds.isWhole(answer.getFormed())) {
                throw new StartException("data directory " + options.directory()
                        + " names a cluster that is not what its members and disks make it");
            }
            return new Birth(options, transport, timers, disk, file, found.get());
        } catch (IOException e) {
            throw new StartException("data directory " + options.directory() + " cannot be used: " + e, e);
        }
    }

    /** For the internal port, from before {@link #begin} on until the process ends. */
    public BindableService service() {
        return new BirthService(this);
    }

    /** From whom the latest members can be learned; nobody knows any before the node takes part. */
    public synchronized void tellMembersFrom(Supplier<Set<String>> ids) {
        memberIds = ids;
    }

    /** Why {@link #begin} has not ended, for people. */
    public synchronized String waitingFor() {
        return waitingFor;
    }

    /**
     * Asks until the node knows what it is part of; at once if its directory says so.
     *
     * @param hasLog whether a log was made ready in the directory, so that there may be votes
     * @return fails with a {@link StartException} where no waiting would help
     */
    public CompletableFuture<Born> begin(BooleanSupplier hasLog) {
        FormedCluster known;
        synchronized (this) {
            known = formed;
            asking = known == null;
        }
        if (known == null) {
            LOG.info("first start node={} disk={} {}", options.nodeId(), diskId, options.joins() ? "joins" : "forms");
            ask();
        } else {
            resume(known, hasLog.getAsBoolean());
        }
        return born;
    }

    /** To be called when taking part has begun: from here on a log that is gone is a loss. Waits for the disk. */
    public void markStarted() {
        try {
            FormedCluster cluster;
            synchronized (this) {
                if (started) {
                    return;
                }
                cluster = formed;
            }
            if (cluster == null) {
                throw new IllegalStateException("started before it was born");
            }
            file.write(new BirthFile.Content(answerAs(cluster), true));
            synchronized (this) {
                started = true;
            }
        } catch (IOException e) {
            throw new StartException("data directory " + options.directory() + " cannot be written: " + e, e);
        }
    }

    /** Stops asking. */
    @Override
    public void close() {
        synchronized (this) {
            asking = false;
        }
        transport.close();
    }

    /** What this node says to another. */
    ExchangeBirthResponse answer(ExchangeBirthRequest request) {
        ExchangeBirthResponse answer;
        Optional<StartException> refusal = Optional.empty();
        synchronized (this) {
            if (formed != null) {
                answer = answerAs(formed).toBuilder()
                        .addAllMemberIds(memberIds.get())
                        .build();
            } else {
                ExchangeBirthResponse.Builder unborn = ExchangeBirthResponse.newBuilder()
                        .setNodeId(options.nodeId())
                        .setDiskId(diskId);
                if (!options.joins()) {
                    unborn.setPlan(options.plan());
                }
                answer = unborn.build();
            }
            // The asker stops when it sees the difference, and then could not be asked any more.
            if (asking && isOneOfUs(request) && !request.getPlan().equals(options.plan())) {
                refusal = Optional.of(differs(request.getNodeId(), request.getPlan()));
                asking = false;
            }
        }
        refusal.ifPresent(born::completeExceptionally);
        return answer;
    }

    private boolean isOneOfUs(ExchangeBirthRequest request) {
        return !options.joins()
                && request.hasPlan()
                && request.getPlan().getClusterName().equals(options.plan().getClusterName())
                && others.containsKey(request.getNodeId());
    }

    /** Goes on with what the directory says. */
    private void resume(FormedCluster cluster, boolean hasLog) {
        if (!options.plan().getClusterName().equals(cluster.getPlan().getClusterName())) {
            born.completeExceptionally(new StartException("data directory " + options.directory()
                    + " belongs to cluster " + cluster.getPlan().getClusterName() + " (expected: cluster.name "
                    + options.plan().getClusterName() + ")"));
            return;
        }
        if (!options.joins() && !options.plan().equals(cluster.getPlan())) {
            LOG.warn(
                    "the cluster is formed, so the options of its first start have no effect any more node={} ({})",
                    options.nodeId(),
                    PlanDifference.describe(options.plan(), cluster.getPlan()));
        }
        boolean wasStarted;
        synchronized (this) {
            wasStarted = started;
        }
        if (wasStarted && !hasLog) {
            born.completeExceptionally(new StartException("data directory " + options.directory()
                    + " has lost the log of node " + options.nodeId() + " and with it its votes: " + REPLACE));
        } else {
            born.complete(new Born(cluster, hasLog ? Start.RESTART : firstStart(cluster)));
        }
    }

    private Start firstStart(FormedCluster cluster) {
        return diskIn(cluster).isPresent() ? Start.BOOTSTRAP : Start.JOIN;
    }

    private void ask() {
        ExchangeBirthRequest.Builder request =
                ExchangeBirthRequest.newBuilder().setNodeId(options.nodeId()).setDiskId(diskId);
        if (!options.joins()) {
            request.setPlan(options.plan());
        }
        Round begun = new Round(others.size());
        synchronized (this) {
            if (!asking) {
                return;
            }
            round = begun;
        }
        if (others.isEmpty()) {
            act(this::endRound);
            return;
        }
        ExchangeBirthRequest asked = request.build();
        others.forEach((id, address) -> {
            CompletableFuture<Void> unused = transport.ask(address, asked).handle((answer, unanswered) -> {
                act(() -> onAnswer(begun, id, address, answer));
                return null;
            });
        });
    }

    /** Judges under the lock, and does what follows without it. */
    private void act(Supplier<Runnable> judgement) {
        Runnable next;
        try {
            synchronized (this) {
                if (!asking) {
                    return;
                }
                next = judgement.get();
            }
        } catch (StartException refusal) {
            synchronized (this) {
                asking = false;
            }
            born.completeExceptionally(refusal);
            return;
        }
        next.run();
    }

    private Runnable onAnswer(Round of, String id, String address, @Nullable ExchangeBirthResponse answer) {
        if (of != round) {
            return () -> {};
        }
        Optional<FormedCluster> formedBy = Optional.empty();
        if (answer == null) {
            of.missing.put(id, "no answer from " + address);
        } else if (!answer.getNodeId().equals(id)) {
            of.missing.put(id, "at " + address + " answers node " + answer.getNodeId());
        } else if (options.joins()) {
            judgeForJoining(of, id, answer);
        } else {
            formedBy = judgeForForming(of, id, answer);
        }
        if (formedBy.isPresent()) {
            return form(formedBy.get());
        }
        return of.closeOne() ? endRound() : () -> {};
    }

    /** The cluster, if that node is in one with this disk. */
    private Optional<FormedCluster> judgeForForming(Round of, String id, ExchangeBirthResponse answer) {
        if (answer.getStateCase() == StateCase.STATE_NOT_SET) {
            of.missing.put(id, "waits to be added (its cluster.start is join)");
            return Optional.empty();
        }
        boolean isFormed = answer.hasFormed();
        BirthPlan theirs = isFormed ? answer.getFormed().getPlan() : answer.getPlan();
        if (isFormed && theirs.getClusterName().equals(options.plan().getClusterName())) {
            requireSameDisk(id, answer.getFormed());
        }
        if (!theirs.equals(options.plan())) {
            throw differs(id, theirs);
        }
        if (!isFormed) {
            of.disks.put(id, answer.getDiskId());
            return Optional.empty();
        }
        if (!ClusterIds.isWhole(answer.getFormed())) {
            throw new StartException("node " + id + " names a cluster that is not what its members and disks make it");
        }
        return Optional.of(answer.getFormed());
    }

    private void requireSameDisk(String id, FormedCluster cluster) {
        String known = diskIn(cluster)
                .orElseThrow(() -> new StartException("node " + id + " has formed cluster "
                        + cluster.getPlan().getClusterName() + " (" + cluster.getClusterId() + ") without node "
                        + options.nodeId() + ": start it with cluster.start: join, and add it"));
        if (!known.equals(diskId)) {
            throw new StartException("node " + options.nodeId() + " of cluster " + cluster.getClusterId()
                    + " has lost its disk: node " + id + " knows disk " + known + " and here is " + diskId
                    + ". What it promised on the old one is forgotten, so it must not vote again: " + REPLACE);
        }
    }

    private void judgeForJoining(Round of, String id, ExchangeBirthResponse answer) {
        if (!answer.hasFormed()) {
            of.missing.put(id, "is in no cluster yet");
            return;
        }
        FormedCluster cluster = answer.getFormed();
        String name = options.plan().getClusterName();
        if (!cluster.getPlan().getClusterName().equals(name)) {
            throw new StartException("node " + id + " is of cluster "
                    + cluster.getPlan().getClusterName() + " (" + cluster.getClusterId() + ") (expected: cluster.name "
                    + name + ")");
        }
        if (!ClusterIds.isWhole(cluster)) {
            throw new StartException("node " + id + " names a cluster that is not what its members and disks make it");
        }
        if (diskIn(cluster).isPresent() || answer.getMemberIdsList().contains(options.nodeId())) {
            throw new StartException("cluster " + name + " (" + cluster.getClusterId() + ") has or had a node "
                    + options.nodeId() + ", which was on another disk and must not vote without it: " + REPLACE);
        }
        if (answer.getMemberIdsCount() == 0) {
            of.missing.put(id, "does not know yet who the members are");
            return;
        }
        of.members.put(id, new TreeSet<>(answer.getMemberIdsList()));
        if (of.cluster != null && !of.cluster.equals(cluster)) {
            throw new StartException("the nodes that cluster.nodes names are of two clusters, "
                    + of.cluster.getClusterId() + " and " + cluster.getClusterId() + " (expected: one)");
        }
        of.cluster = cluster;
    }

    private Runnable endRound() {
        Round ended = round;
        if (ended == null) {
            return () -> {};
        }
        if (options.joins()) {
            // Whoever was added is known to a majority of those who were members before, so to some of any majority of
            // the newest ones. Nobody can tell which of those named are the newest: a majority of each.
            if (ended.cluster != null && ended.hasMajorities()) {
                return form(ended.cluster);
            }
        } else if (ended.disks.size() == others.size()) {
            return form(ClusterIds.form(options.plan(), disksInOrder(ended)));
        }
        String reasons = String.join("; ", describe(ended.missing));
        if (!reasons.equals(waitingFor)) {
            LOG.info("first start waits node={} for {}", options.nodeId(), reasons);
            waitingFor = reasons;
        }
        Duration before = pause;
        pause = pause.multipliedBy(2).compareTo(PAUSE_MAX) < 0 ? pause.multipliedBy(2) : PAUSE_MAX;
        return () -> timers.after(before, this::ask);
    }

    private List<String> disksInOrder(Round of) {
        List<String> disks = new ArrayList<>();
        options.plan().getMembersList().forEach(member -> disks.add(of.disks.getOrDefault(member.getNodeId(), diskId)));
        return disks;
    }

    private static List<String> describe(Map<String, String> missing) {
        return missing.entrySet().stream()
                .map(entry -> entry.getKey() + ": " + entry.getValue())
                .toList();
    }

    /** Nobody is asked any more, and what was agreed goes to disk. */
    private Runnable form(FormedCluster cluster) {
        asking = false;
        waitingFor = "writing to disk";
        return () -> disk.execute(() -> {
            try {
                file.write(new BirthFile.Content(answerAs(cluster), false));
            } catch (IOException e) {
                born.completeExceptionally(
                        new StartException("data directory " + options.directory() + " cannot be written: " + e, e));
                return;
            }
            synchronized (this) {
                formed = cluster;
                waitingFor = "";
            }
            LOG.info(
                    "born node={} cluster={} id={} disk={}",
                    options.nodeId(),
                    cluster.getPlan().getClusterName(),
                    cluster.getClusterId(),
                    diskId);
            born.complete(new Born(cluster, firstStart(cluster)));
        });
    }

    private ExchangeBirthResponse answerAs(FormedCluster cluster) {
        return ExchangeBirthResponse.newBuilder()
                .setNodeId(options.nodeId())
                .setDiskId(diskId)
                .setFormed(cluster)
                .build();
    }

    private Optional<String> diskIn(FormedCluster cluster) {
        List<FirstMember> members = cluster.getPlan().getMembersList();
        for (int i = 0; i < Math.min(members.size(), cluster.getDiskIdsCount()); i++) {
            if (members.get(i).getNodeId().equals(options.nodeId())) {
                return Optional.of(cluster.getDiskIds(i));
            }
        }
        return Optional.empty();
    }

    private StartException differs(String id, BirthPlan theirs) {
        return new StartException("node " + id + " was given another cluster to form: "
                + PlanDifference.describe(options.plan(), theirs)
                + ". Give all first members the same, and start them again");
    }
}
