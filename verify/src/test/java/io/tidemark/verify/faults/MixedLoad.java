// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.StatusRuntimeException;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.VerifyDigestsRequest;
import io.tidemark.proto.v1.VerifyDigestsResponse;
import io.tidemark.verify.faults.ClusterUnderTest.NodeUnderTest;
import io.tidemark.verify.faults.ClusterUnderTest.ReplicaUnderTest;
import io.tidemark.verify.history.Ask;
import io.tidemark.verify.history.Checks;
import io.tidemark.verify.history.History;
import io.tidemark.verify.history.Readers;
import io.tidemark.verify.history.Reading;
import io.tidemark.verify.history.Reading.Denied;
import io.tidemark.verify.history.Reading.Header;
import io.tidemark.verify.history.Reading.Told;
import io.tidemark.verify.history.Readings;
import io.tidemark.verify.history.Recorder;
import io.tidemark.verify.process.ServerUnderTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Clients that write and read with every kind of ask at every server of a cluster, what is done to its servers meanwhile, and in
 * the end whether all that was answered could have been. Belongs to one test and one thread.
 */
final class MixedLoad implements AutoCloseable {

    /** Longer than any bound that the readers ask for, but the SDK's. */
    static final Duration LONGER_THAN_BOUNDS = Duration.ofSeconds(4);

    private static final List<String> TABLES = List.of("first", "second");
    private static final int WRITERS = 2;
    private static final int READERS = 4;
    private static final int ROWS = 60;
    private static final int PROGRESS = 20;
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration ATTEMPT_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Duration RECOVERED_BOUND = Duration.ofSeconds(1);
    private static final long POLL_MILLIS = 50;

    private final String test;
    private final ClusterUnderTest cluster;
    private final Recorder recorder;
    private final Readers readers;

    /** Clients of the nodes and replicas that there are now; they have begun. */
    MixedLoad(String test, ClusterUnderTest cluster, long seed) throws InterruptedException {
        this.test = test;
        this.cluster = cluster;
        this.recorder = new Recorder(new Recorder.Plan(
                cluster.endpoints(), TABLES, WRITERS, ROWS, ATTEMPT_TIMEOUT, Duration.ofSeconds(60), seed));
        List<String> watched = new ArrayList<>();
        cluster.replicas().forEach(replica -> watched.add(replica.id()));
        cluster.nodes().forEach(node -> watched.add(node.id()));
        this.readers =
                new Readers(recorder, new Readers.Plan(cluster.endpointsById(), watched, READERS, READ_TIMEOUT, seed));
        recorder.start();
        readers.start();
    }

    Recorder recorder() {
        return recorder;
    }

    /** SIGKILL, then what is done without it, then it starts again. */
    void killWhile(ServerUnderTest server, Runnable meanwhile) {
        readers.note(Interrupting.killing(server, meanwhile));
    }

    /** SIGSTOP, then what is done without it, then SIGCONT. */
    void pauseWhile(ServerUnderTest server, Runnable meanwhile) {
        readers.note(Interrupting.pausing(server, meanwhile));
    }

    /** Waits until it works again, all of it: writes are acknowledged, and each replica itself proves that it is fresh. */
    void awaitAllWell() {
        awaitWrites();
        cluster.replicas().forEach(this::awaitFresh);
    }

    /** Waits until some more writes are acknowledged. */
    void awaitWrites() {
        long target = recorder.acknowledgedSoFar() + PROGRESS;
        await("no " + PROGRESS + " more writes are acknowledged", () -> recorder.acknowledgedSoFar() >= target);
    }

    /** Waits until the replica itself answers with a small staleness. */
    void awaitFresh(ReplicaUnderTest replica) {
        await(replica.id() + " does not prove that it is fresh", () -> {
            Reading reading = ask(replica, Ask.fresh(RECOVERED_BOUND).orServe());
            return reading.answer() instanceof Told told
                    && !told.header().unmet()
                    && told.header().servedBy().equals(replica.id());
        });
    }

    /** Whom the replica follows, once it says so. */
    NodeUnderTest awaitUpstream(ReplicaUnderTest replica) {
        List<NodeUnderTest> found = new ArrayList<>();
        await(replica.id() + " does not say whom it follows", () -> {
            cluster.upstream(replica).ifPresent(found::add);
            return !found.isEmpty();
        });
        return found.get(0);
    }

    /** One more read of a row that is written, at a server; checked with the others. Any thread may ask. */
    Reading ask(ReplicaUnderTest replica, Ask ask) {
        return readers.ask(replica.id(), ask);
    }

    /** Waits until so many reads that were asked for here are on their way to the server. */
    void awaitAsked(ReplicaUnderTest replica, int count) {
        await("no " + count + " reads are on their way to " + replica.id(), () -> readers.asking() >= count);
    }

    /** Waits until it holds, and says what does not otherwise. */
    void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline >= 0) {
                throw new AssertionError(test + ": " + what + " within " + LIMIT + "; logs: "
                        + cluster.nodes().get(0).server().logFile().getParent());
            }
            ClusterUnderTest.sleep(POLL_MILLIS);
        }
    }

    /** Ends the clients, waits for the nodes to hold the same, and checks the whole history. Gives its readings. */
    List<Reading> finishAndCheck() throws InterruptedException {
        History history = finish();
        assertThat(Checks.of(history))
                .as("logs: " + cluster.nodes().get(0).server().logFile().getParent())
                .isEmpty();
        return history.readings().reads();
    }

    /** Ends the clients, and gives what they did. */
    History finish() throws InterruptedException {
        Readings readings = readers.finish();
        History history = recorder.finish().with(readings);
        Rounds.say(test, readings.reads().size() + " reads, " + recorder.acknowledgedSoFar() + " writes acknowledged");
        table(readings.reads()).forEach((kind, counts) -> Rounds.say(test, "  " + kind + ": " + counts));
        return history;
    }

    /** Waits until all servers, replicas too, take part in a comparison of digests, and none differs. */
    void awaitSameDigests() {
        Set<String> all = new HashSet<>(cluster.endpointsById().keySet());
        List<String> last = new ArrayList<>();
        await("the digests of all servers are not compared", () -> {
            last.clear();
            try {
                return all.equals(compared(last));
            } catch (StatusRuntimeException e) {
                last.add(e.toString());
                return false;
            }
        });
    }

    private Set<String> compared(List<String> notCompared) {
        NodeUnderTest leader = cluster.awaitLeader(LIMIT).node();
        Iterator<VerifyDigestsResponse> responses = MaintenanceGrpc.newBlockingStub(cluster.channel(leader))
                .withDeadlineAfter(LIMIT.toSeconds(), TimeUnit.SECONDS)
                .verifyDigests(VerifyDigestsRequest.getDefaultInstance());
        Set<String> compared = new HashSet<>();
        while (responses.hasNext()) {
            VerifyDigestsResponse response = responses.next();
            assertThat(response.getMismatchesList()).isEmpty();
            compared.addAll(response.getServerIdsList());
            response.getNotComparedList().forEach(each -> notCompared.add(each.getServerId() + ": " + each.getWhy()));
        }
        return compared;
    }

    @Override
    public void close() {
        readers.close();
        recorder.close();
    }

    /** How each kind of ask ended: who served it, or why not. */
    private static Map<String, Map<String, Integer>> table(List<Reading> readings) {
        Map<String, Map<String, Integer>> table = new TreeMap<>();
        for (Reading reading : readings) {
            String how;
            if (reading.answer() instanceof Told told) {
                Header header = told.header();
                how = (header.servedBy().equals(reading.server()) ? "itself, a " : "another, a ")
                        + (header.replica() ? "replica" : "node")
                        + (header.unmet() ? ", unmet" : "");
            } else {
                how = ((Denied) reading.answer()).reason();
            }
            table.computeIfAbsent(reading.ask().kind(), kind -> new TreeMap<>()).merge(how, 1, Integer::sum);
        }
        return table;
    }
}
