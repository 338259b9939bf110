// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.verify.faults.ClusterUnderTest.NodeUnderTest;
import io.tidemark.verify.process.Servers;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The example of the users' API under load, 200 requests a second if there is time, with 3 nodes and 3 replicas behind the sidecar, of which the leader and a
 * replica are killed. Users are created, read, replaced, changed and removed, each by requests that follow one another in its session:
 * what was acknowledged must be there when it is read, and no request may fail but those in flight at a kill. Users come at their rate
 * whatever becomes of those before them: if fewer came while answers are slow, the slow ones would count for less than they are.
 */
@Tag("faults")
@Timeout(900)
class SidecarCrudIT {

    private static final String TEST = "sidecar: users";
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    /** The profile {@code faults} goes on for four minutes, at the full rate: JVMs that have just begun cannot keep that up. */
    private static final int SECONDS = Integer.getInteger("tidemark.faults.crud", 20);

    private static final boolean SHORT = Integer.getInteger("tidemark.faults.crud") == null;
    private static final int RATE = SHORT ? 40 : 200;
    private static final int WARM_UP_SECONDS = SECONDS / 2;
    private static final Duration P99_MAX = Duration.ofMillis(250);

    private static final List<Step> STEPS = List.of(Step.values());

    /** Between an answer and what its user asks next. */
    private static final Duration THOUGHT = Duration.ofMillis(100);

    @RegisterExtension
    final Servers servers = new Servers();

    private final Map<Step, Queue<Long>> nanos = new ConcurrentHashMap<>();
    private final Queue<Failed> failures = new ConcurrentLinkedQueue<>();
    private final Queue<Kill> kills = new ConcurrentLinkedQueue<>();
    private final AtomicInteger present = new AtomicInteger();
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicLong users = new AtomicLong();

    /** When a server was killed, by {@link System#nanoTime}. */
    private record Kill(String id, long began, long ended) {}

    /** A request that failed, and from when to when it was under way. */
    private record Failed(String what, long began, long ended) {

        boolean isOf(Kill kill) {
            return began - kill.ended() <= 0 && ended - kill.began() >= 0;
        }
    }

    @Test
    void shouldFailNoRequestWhenALeaderAndAReplicaAreKilled() throws Exception {
        try (ClusterUnderTest cluster = ClusterUnderTest.start(servers, 3, "--store.auto-create-tables=true")) {
            List.of("r1", "r2", "r3").forEach(cluster::startReplica);
            cluster.replicas().forEach(replica -> replica.server().awaitReady(TIMEOUT));
            String file = Path.of("..", "deploy", "rest-sidecar", "examples", "users.yaml")
                    .toAbsolutePath()
                    .toString();
            try (SidecarUnderTest sidecar = SidecarUnderTest.start(
                    "s1",
                    servers.directory(),
                    List.copyOf(cluster.endpointsById().values()),
                    "--resources.files=" + file,
                    "--rest.deadline=" + (SHORT ? "30s" : "5s"))) {
                run(cluster, sidecar);
            }
        }
    }

    private void run(ClusterUnderTest cluster, SidecarUnderTest sidecar) throws InterruptedException {
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        try {
            warmUp(client, sidecar);
            ScheduledFuture<?> load = clock.scheduleAtFixedRate(
                    () -> comes(newUser(), client, sidecar, clock),
                    0,
                    TimeUnit.SECONDS.toMicros(STEPS.size()) / RATE,
                    TimeUnit.MICROSECONDS);
            TimeUnit.SECONDS.sleep(SECONDS / 4);
            NodeUnderTest leader = cluster.awaitLeader(TIMEOUT).node();
            strike(leader.id(), leader.server()::kill);
            TimeUnit.SECONDS.sleep(SECONDS / 4);
            strike("r1", cluster.replica("r1").server()::kill);
            TimeUnit.SECONDS.sleep(SECONDS / 2);
            load.cancel(false);
            ClusterUnderTest.await("the last answers", TIMEOUT, () -> present.get() == 0);
            check();
        } finally {
            clock.shutdownNow();
        }
    }

    /** One request after the other, so that JVMs that have just begun are not asked for more than they can. */
    private void warmUp(HttpClient client, SidecarUnderTest sidecar) {
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(WARM_UP_SECONDS)) {
            User user = newUser();
            while (!user.isGone() && failures.isEmpty()) {
                send(user, client, sidecar).join();
            }
        }
        assertThat(failures).as("before any kill").isEmpty();
        Rounds.say(TEST, nanos.values().stream().mapToInt(Queue::size).sum() + " requests to warm up");
        nanos.clear();
    }

    private User newUser() {
        return new User("u" + users.incrementAndGet());
    }

    private void comes(User user, HttpClient client, SidecarUnderTest sidecar, ScheduledExecutorService clock) {
        present.incrementAndGet();
        goesOn(user, client, sidecar, clock);
    }

    private void goesOn(User user, HttpClient client, SidecarUnderTest sidecar, ScheduledExecutorService clock) {
        var unused = send(user, client, sidecar).whenComplete((well, failure) -> {
            if (failure == null && well && !user.isGone()) {
                var unusedToo = clock.schedule(
                        () -> goesOn(user, client, sidecar, clock), THOUGHT.toMillis(), TimeUnit.MILLISECONDS);
            } else {
                present.decrementAndGet();
            }
        });
    }

    private void strike(String id, Runnable kill) {
        long began = System.nanoTime();
        int inFlight = underWay.get();
        kill.run();
        kills.add(new Kill(id, began, System.nanoTime()));
        Rounds.say(TEST, "killed " + id + " with " + inFlight + " requests in flight");
    }

    private void check() {
        for (Kill kill : kills) {
            long lost = failures.stream().filter(failed -> failed.isOf(kill)).count();
            Rounds.say(TEST, lost + " requests failed that were in flight when " + kill.id() + " was killed");
        }
        Map<Step, Duration> p99 = new EnumMap<>(Step.class);
        int count = 0;
        for (Step step : STEPS) {
            long[] sorted = nanos.getOrDefault(step, new ConcurrentLinkedQueue<>()).stream()
                    .mapToLong(Long::longValue)
                    .sorted()
                    .toArray();
            assertThat(sorted).as(step.name()).isNotEmpty();
            count += sorted.length;
            p99.put(step, Duration.ofNanos(sorted[sorted.length * 99 / 100]));
            Rounds.say(
                    TEST,
                    step + ": " + sorted.length + " requests, p50 " + sorted[sorted.length / 2] / 1_000 + " us, p99 "
                            + p99.get(step).toMillis() + " ms, max " + sorted[sorted.length - 1] / 1_000_000 + " ms");
        }
        assertThat(failures)
                .as("not in flight at a kill, of " + kills)
                .allMatch(failed -> kills.stream().anyMatch(failed::isOf));
        assertThat(count).isGreaterThan(SECONDS * RATE * 3 / 4);
        if (!SHORT) {
            assertThat(p99.values()).as(p99.toString()).allMatch(of -> of.compareTo(P99_MAX) < 0);
        }
    }

    /** The next request of a user: whether it was answered as it should be. */
    private CompletableFuture<Boolean> send(User user, HttpClient client, SidecarUnderTest sidecar) {
        Step step = user.now();
        long began = System.nanoTime();
        underWay.incrementAndGet();
        return client.sendAsync(user.request(sidecar), HttpResponse.BodyHandlers.ofString())
                .handle((response, failure) -> {
                    long ended = System.nanoTime();
                    nanos.computeIfAbsent(step, unused -> new ConcurrentLinkedQueue<>())
                            .add(ended - began);
                    underWay.decrementAndGet();
                    String problem = failure != null ? user.id + ": " + step + ": " + failure : user.answered(response);
                    if (problem != null) {
                        failures.add(new Failed(problem, began, ended));
                    }
                    return problem == null;
                });
    }

    private enum Step {
        CREATE(201),
        READ_CREATED(200),
        REPLACE(200),
        READ_REPLACED(200),
        CHANGE(200),
        READ_CHANGED(200),
        REMOVE(204),
        READ_REMOVED(404);

        private final int expected;

        Step(int expected) {
            this.expected = expected;
        }
    }

    /** What a user of the API does with one document, a request at a time: one thread at a time has it. */
    private static final class User {

        private final String id;
        private int step;
        private String session = "";

        User(String id) {
            this.id = id;
        }

        boolean isGone() {
            return step == STEPS.size();
        }

        private Step now() {
            return STEPS.get(step);
        }

        private String document(String name) {
            return "{\"id\":\"" + id + "\",\"name\":\"" + name + "\"}";
        }

        HttpRequest request(SidecarUnderTest sidecar) {
            URI one = sidecar.uri("/api/user/" + id);
            URI all = sidecar.uri("/api/user/");
            HttpRequest.Builder request = HttpRequest.newBuilder().timeout(TIMEOUT);
            if (!session.isEmpty()) {
                request.header("Tidemark-Session", session);
            }
            return switch (now()) {
                case CREATE -> json(request.uri(all), "POST", document("first")).build();
                case REPLACE ->
                    json(request.uri(all), "PUT", document("second")).build();
                case CHANGE ->
                    request.uri(one)
                            .header("Content-Type", "application/merge-patch+json")
                            .method("PATCH", HttpRequest.BodyPublishers.ofString("{\"name\":\"third\"}"))
                            .build();
                case REMOVE -> request.uri(one).DELETE().build();
                case READ_CREATED, READ_REPLACED, READ_CHANGED, READ_REMOVED ->
                    request.uri(one).GET().build();
            };
        }

        private static HttpRequest.Builder json(HttpRequest.Builder request, String method, String body) {
            return request.header("Content-Type", "application/json")
                    .method(method, HttpRequest.BodyPublishers.ofString(body));
        }

        /** What is wrong with the answer; null if nothing is. */
        @Nullable String answered(HttpResponse<String> response) {
            Step done = now();
            String expectedName = switch (done) {
                case READ_CREATED -> "first";
                case READ_REPLACED -> "second";
                case READ_CHANGED -> "third";
                default -> "";
            };
            if (response.statusCode() != done.expected || !response.body().contains(expectedName)) {
                return id + ": " + done + ": " + response.statusCode() + " " + response.body();
            }
            session = response.headers().firstValue("Tidemark-Session").orElse(session);
            step++;
            return null;
        }
    }
}
