// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.client.TidemarkClient;
import io.tidemark.verify.history.Checks;
import io.tidemark.verify.history.History;
import io.tidemark.verify.history.Interruption;
import io.tidemark.verify.history.Readings;
import io.tidemark.verify.history.Recorder;
import io.tidemark.verify.history.SdkClients;
import io.tidemark.verify.history.TimedCalls;
import io.tidemark.verify.process.ServerUnderTest;
import java.time.Duration;
import java.util.List;

/**
 * Applications of the SDK on a cluster, and a client without the SDK that writes the same rows. In the end everything that anybody was told
 * is held against what the store promises, and every call against its deadline. Belongs to one test and its thread.
 */
final class SdkLoad implements AutoCloseable {

    static final Duration DEADLINE = Duration.ofSeconds(5);

    /** How long a call may outlive its deadline: as little as is promised, or, on a machine that stands still now and then, more. */
    static final Duration GRACE = Duration.ofMillis(Integer.getInteger("tidemark.faults.grace-millis", 3_000));

    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Duration ATTEMPT_TIMEOUT = Duration.ofSeconds(2);
    private static final int APPLICATIONS = 8;
    private static final int WRITE_EACH = 20;
    private static final int ROWS = 50;
    private static final int PROGRESS = 20;
    private static final double FAIR_SHARE = 0.2;
    private static final Duration SHARE_TAKEN_OVER = Duration.ofMillis(500);

    private final String test;
    private final Recorder recorder;
    private final TidemarkClient client;
    private final SdkClients applications;

    /** Over a client of its own; they have begun. */
    SdkLoad(String test, ClusterUnderTest cluster, long seed) throws InterruptedException {
        this.test = test;
        this.recorder = new Recorder(new Recorder.Plan(
                cluster.endpoints(),
                List.of("sdk-a", "sdk-b"),
                1,
                ROWS,
                ATTEMPT_TIMEOUT,
                Duration.ofSeconds(60),
                seed));
        this.client = TidemarkClient.connect(String.join(",", cluster.endpoints()));
        this.applications =
                new SdkClients(recorder, client, new SdkClients.Plan(APPLICATIONS, DEADLINE, WRITE_EACH, seed));
        recorder.start();
        applications.start();
    }

    /** The calls that begin within this time from now on; returns when it is over, not when they have all ended. */
    TimedCalls during(String what, Duration time) {
        long from = System.nanoTime();
        ClusterUnderTest.sleep(time.toMillis());
        long to = System.nanoTime();
        // Those that began in time and hang are a part of it.
        ClusterUnderTest.await(
                "calls of that time to end",
                DEADLINE.multipliedBy(4),
                () -> applications.calls().calls().stream().anyMatch(call -> call.start() - to >= 0));
        TimedCalls calls = applications.calls().between(from, to);
        say(what + ": reads " + calls.reads() + "; writes " + calls.writes());
        return calls;
    }

    /** SIGKILL, then what is done without it, then it starts again. */
    void killWhile(ServerUnderTest server, Runnable meanwhile) {
        applications.note(Interrupting.killing(server, meanwhile));
    }

    /** Stops it in order, and starts it again. */
    void restart(ServerUnderTest server) {
        long from = System.nanoTime();
        int unused = server.stop();
        long to = System.nanoTime();
        server.start();
        applications.note(new Interruption(server.id(), true, from, to));
        server.awaitReady(LIMIT);
    }

    /** SIGSTOP, then what is done without it, then SIGCONT. */
    void pauseWhile(ServerUnderTest server, Runnable meanwhile) {
        applications.note(Interrupting.pausing(server, meanwhile));
    }

    /** Waits until this server has a fair part of the reads, and says how long that took. */
    void awaitReadsServedBy(String server) {
        long begin = System.nanoTime();
        ClusterUnderTest.await(server + " to serve a fair part of the reads", LIMIT, () -> {
            long now = System.nanoTime();
            TimedCalls latest = applications
                    .calls()
                    .between(now - SHARE_TAKEN_OVER.toNanos(), now)
                    .reads();
            return !latest.calls().isEmpty()
                    && latest.servedBy().getOrDefault(server, 0)
                            >= FAIR_SHARE * latest.calls().size();
        });
        say(server + " serves a fair part of the reads after "
                + Duration.ofNanos(System.nanoTime() - begin).toMillis() + " ms");
    }

    /** Waits until some more writes of the applications are acknowledged. */
    void awaitWrites() {
        long target = applications.acknowledgedSoFar() + PROGRESS;
        ClusterUnderTest.await(
                PROGRESS + " more writes to be acknowledged", LIMIT, () -> applications.acknowledgedSoFar() >= target);
    }

    /** Ends all, and checks every answer and every call. */
    TimedCalls finishAndCheck() throws InterruptedException {
        Readings readings = applications.finish();
        History history = recorder.finish().with(readings);
        TimedCalls calls = applications.calls();
        say("all: reads " + calls.reads() + "; writes " + calls.writes() + "; beyond a deadline by at most "
                + calls.mostOverdue().toMillis() + " ms");
        assertThat(Checks.of(history)).as("what the store promises").isEmpty();
        assertThat(calls.overdueBy(GRACE))
                .as("calls that outlived their deadline")
                .isEmpty();
        assertThat(calls.reads().calls().stream().filter(call -> call.answered()))
                .isNotEmpty();
        return calls;
    }

    void say(String what) {
        Rounds.say(test, what);
    }

    @Override
    public void close() {
        applications.close();
        recorder.close();
        client.close();
    }
}
