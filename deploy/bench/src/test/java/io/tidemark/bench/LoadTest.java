// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.api.ErrorStatus;
import io.tidemark.bench.Plan.Distribution;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.Strength;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoadTest {

    private static final Plan.RowShape ROWS = new Plan.RowShape(100, 16, 32, Distribution.UNIFORM);
    private static final Duration SHORT = Duration.ofMillis(300);

    private final FakeServer server = FakeServer.start();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

    @AfterEach
    void stop() {
        timer.shutdownNow();
        server.close();
    }

    @Test
    void shouldKeepAsManyCallsUnderWayAsAsked() throws Exception {
        AtomicInteger underWay = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        server.beforePut(() -> most.accumulateAndGet(underWay.incrementAndGet(), Math::max));
        server.answerBy(answer -> later(5, () -> {
            underWay.decrementAndGet();
            answer.run();
        }));

        Result result = run(Plan.puts(ROWS, 7, Duration.ZERO, SHORT), options(Consistency.LINEARIZABLE, false));

        assertThat(most).hasValue(7);
        assertThat(result.failed()).isZero();
        assertThat(result.calls()).isEqualTo(server.puts().size());
        assertThat(result.latencies().get(Kind.PUT))
                .satisfies(puts -> assertThat(puts.p50()).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(5)));
    }

    @Test
    void shouldNotCountWarmUp() throws Exception {
        Result result = run(Plan.puts(ROWS, 1, SHORT, SHORT), options(Consistency.LINEARIZABLE, false));

        assertThat(result.calls()).isPositive().isLessThan(server.puts().size());
    }

    @Test
    void shouldCountAPauseOfTheServerForEveryCallThatWasDueInIt() throws Exception {
        AtomicInteger number = new AtomicInteger();
        // The first call takes half of the run; those behind it have no place until then.
        server.answerBy(answer -> later(number.getAndIncrement() == 0 ? 500 : 0, answer));
        Plan plan = new Plan(ROWS, 0, 1, OptionalDouble.of(100), Duration.ZERO, Duration.ofSeconds(1));

        Result result = run(plan, options(Consistency.LINEARIZABLE, false));

        assertThat(result.calls() + result.failed()).isBetween(99L, 101L);
        // The 25 that were due in the first 250 ms had to wait for at least as long again.
        assertThat(result.latencies().get(Kind.PUT))
                .satisfies(puts -> assertThat(puts.p90()).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(250)));
    }

    @Test
    void shouldSayWhatAnOpenLoopCouldNotEvenSend() throws Exception {
        server.answerBy(answer -> later(10_000, answer));
        Plan plan = new Plan(ROWS, 0, 2, OptionalDouble.of(100), Duration.ZERO, SHORT);

        Result result = run(
                plan,
                new TidemarkConnection.Options(
                        "t", Consistency.LINEARIZABLE, Duration.ZERO, false, Duration.ofSeconds(3)));

        assertThat(result.calls()).isZero();
        assertThat(result.errors())
                .containsEntry("grpc DEADLINE_EXCEEDED", 2L)
                .hasEntrySatisfying(
                        OpenLoop.NOT_SENT, count -> assertThat(count).isBetween(27L, 29L));
    }

    @Test
    void shouldCountErrorsByReason() throws Exception {
        AtomicInteger number = new AtomicInteger();
        server.beforePut(() -> {
            if (number.getAndIncrement() % 2 == 0) {
                throw ErrorStatus.of(ErrorReason.ERROR_REASON_OVERLOADED, "the queue is full")
                        .toException();
            }
        });

        Result result = run(Plan.puts(ROWS, 2, Duration.ZERO, SHORT), options(Consistency.LINEARIZABLE, false));

        assertThat(result.calls()).isPositive();
        assertThat(result.errors()).containsOnlyKeys("OVERLOADED");
        assertThat(result.errors().get("OVERLOADED")).isBetween(result.calls() - 2, result.calls() + 2);
    }

    @Test
    void shouldGoOnAgainstAServerThatIsNotThere() throws Exception {
        Result result;
        try (TidemarkConnection connection =
                TidemarkConnection.open(server.endpoint(), options(Consistency.LINEARIZABLE, false))) {
            server.close();
            result = new Load(List.of(connection), List.of())
                    .run(Plan.puts(ROWS, 4, Duration.ZERO, SHORT), progress -> {});
        }

        assertThat(result.calls()).isZero();
        assertThat(result.errors()).containsKey("grpc UNAVAILABLE");
    }

    @Test
    void shouldMixGetsAndPuts() throws Exception {
        Plan plan = new Plan(ROWS, 0.75, 4, OptionalDouble.empty(), Duration.ZERO, SHORT);

        Result result = run(plan, options(Consistency.EVENTUAL, false));

        double share = (double) server.gets().size()
                / (server.gets().size() + server.puts().size());
        assertThat(share).isBetween(0.6, 0.9);
        assertThat(result.latencies()).containsOnlyKeys(Kind.PUT, Kind.GET);
    }

    @Test
    void shouldWriteEveryRowBeforehandAndFindAllOfThem() throws Exception {
        try (TidemarkConnection connection =
                TidemarkConnection.open(server.endpoint(), options(Consistency.LINEARIZABLE, false))) {
            Load load = new Load(List.of(connection), List.of());
            load.preload(ROWS);
            assertThat(server.rowCount()).isEqualTo(100);
            assertThat(load.run(Plan.gets(ROWS, 4, Duration.ZERO, SHORT), progress -> {})
                            .absent())
                    .isZero();
        }
    }

    @Test
    void shouldSayHowManyGetsFoundNothing() throws Exception {
        Result result = run(Plan.gets(ROWS, 1, Duration.ZERO, SHORT), options(Consistency.LINEARIZABLE, false));

        assertThat(result.absent()).isPositive().isEqualTo(result.calls());
    }

    @Test
    void shouldFailABrokenPreload() {
        server.beforePut(() -> {
            throw ErrorStatus.of(ErrorReason.ERROR_REASON_STORE_FULL, "the disk is full")
                    .toException();
        });

        try (TidemarkConnection connection =
                TidemarkConnection.open(server.endpoint(), options(Consistency.LINEARIZABLE, false))) {
            assertThatThrownBy(() -> new Load(List.of(connection), List.of()).preload(ROWS))
                    .hasMessageContaining("the disk is full");
        }
    }

    @Test
    void shouldAskAsTold() throws Exception {
        for (Consistency consistency : Consistency.values()) {
            run(Plan.gets(ROWS, 1, Duration.ZERO, Duration.ofMillis(50)), options(consistency, false));
        }

        assertThat(server.gets())
                .extracting(get -> get.getReadOptions().getStrength())
                .contains(Strength.STRENGTH_LINEARIZABLE, Strength.STRENGTH_EVENTUAL);
        assertThat(server.gets())
                .anySatisfy(
                        get -> assertThat(get.getReadOptions().getMaxStaleness().getSeconds())
                                .isEqualTo(3));
        assertThat(server.gets())
                .as("of a session: what was there when the load began")
                .anySatisfy(get -> {
                    assertThat(get.getReadOptions().hasMinIndex()).isTrue();
                    assertThat(get.getReadOptions().getHistoryId()).isNotEmpty();
                });
    }

    @Test
    void shouldNameItsPutsOnRequest() throws Exception {
        run(Plan.puts(ROWS, 2, Duration.ZERO, SHORT), options(Consistency.LINEARIZABLE, true));

        List<String> ids = server.puts().stream()
                .map(put -> put.getWriteOptions().getRequestId())
                .toList();
        assertThat(ids).doesNotHaveDuplicates().allMatch(id -> id.matches("[A-Za-z0-9._-]{1,64}"));
        PutRequest last = server.puts().get(server.puts().size() - 1);
        assertThat(last.getWriteOptions().getFirstSentIndex())
                .isBetween(1L, (long) server.puts().size());
        assertThat(last.getWriteOptions().getHistoryId()).hasSize(16);
    }

    @Test
    void shouldMeasureTheCpuTimeOfItselfAndOfServers() throws Exception {
        Plan plan = Plan.puts(ROWS, 16, Duration.ZERO, Duration.ofSeconds(1));
        try (TidemarkConnection connection =
                TidemarkConnection.open(server.endpoint(), options(Consistency.LINEARIZABLE, false))) {
            Result result = new Load(
                            List.of(connection), List.of(ProcessHandle.current().pid()))
                    .run(plan, progress -> {});
            assertThat(result.clientCpuSeconds()).isPositive();
            // The server is this process.
            assertThat(result.serverCpuSeconds().orElseThrow()).isPositive();
        }
    }

    @Test
    void shouldReportProgressEachSecond() throws Exception {
        List<Progress> reports = new java.util.concurrent.CopyOnWriteArrayList<>();
        try (TidemarkConnection connection =
                TidemarkConnection.open(server.endpoint(), options(Consistency.LINEARIZABLE, false))) {
            Result unused = new Load(List.of(connection), List.of())
                    .run(Plan.puts(ROWS, 1, Duration.ofMillis(1500), Duration.ofMillis(1500)), reports::add);
        }

        // Where the machine stands still for a while, one comes late, and another not at all.
        assertThat(reports).isNotEmpty();
        assertThat(reports.get(0).calls()).isPositive();
        assertThat(reports).extracting(Progress::second).first().isEqualTo(1L);
        assertThat(reports).extracting(Progress::second).isSorted().doesNotHaveDuplicates();
        assertThat(reports).extracting(Progress::measuring).isSorted();
    }

    @Test
    void shouldRefuseToMeasureProcessesThatAreNotThere() {
        assertThatThrownBy(() -> ProcessCpu.secondsOf(List.of(999_999_999L))).hasMessageContaining("process 999999999");
    }

    @Test
    void shouldMakeKeysOfOneLengthAndAllDifferent() {
        Rows rows = new Rows(ROWS);

        assertThat(IntStream.range(0, 100).mapToObj(rows::key))
                .doesNotHaveDuplicates()
                .allMatch(key -> key.length() == 16);
        assertThat(rows.nextValue().size()).isEqualTo(32);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the answer is what ends it
    private void later(long millis, Runnable action) {
        timer.schedule(action, millis, TimeUnit.MILLISECONDS);
    }

    private static TidemarkConnection.Options options(Consistency consistency, boolean requestIds) {
        return new TidemarkConnection.Options(
                "t", consistency, Duration.ofSeconds(3), requestIds, Duration.ofSeconds(10));
    }

    private Result run(Plan plan, TidemarkConnection.Options options) throws InterruptedException {
        try (TidemarkConnection connection = TidemarkConnection.open(server.endpoint(), options)) {
            return new Load(List.of(connection), List.of()).run(plan, progress -> {});
        }
    }
}
