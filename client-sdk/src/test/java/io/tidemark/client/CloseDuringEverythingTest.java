// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.client.internal.stream.FakeDispatcher.FakeStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Scans and watches that are closed, each by itself or all with the client, by other threads, while rows and commits come and servers
 * are lost: whoever waits is told, and neither stream, timer nor registration is left.
 */
@Timeout(120)
class CloseDuringEverythingTest {

    static LongStream seeds() {
        return LongStream.rangeClosed(1, Long.getLong("tidemark.histories", 20));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldLeaveNothingBehind(long seed) throws Exception {
        Random random = new Random(seed);
        StreamServer server = new StreamServer();
        for (int i = 0; i < 500; i++) {
            server.rows.put(String.format("k%04d", i), "v");
        }
        server.commits = 2_000;
        TidemarkClient client = server.client();
        Table<String> users = client.table("users");

        List<CompletableFuture<?>> ends = new ArrayList<>();
        List<AutoCloseable> open = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            WatchHandle handle =
                    users.watch().bufferBytes(1 + random.nextInt(500)).start(event -> {});
            open.add(handle);
            ends.add(handle.ended());
            WatchEvents<String> events = users.watch().snapshotFirst().events();
            open.add(events);
            ends.add(CompletableFuture.runAsync(() -> events.forEach(event -> {})));
            Rows<String> rows =
                    users.scan().bufferBytes(1 + random.nextInt(500)).rows();
            open.add(rows);
            ends.add(CompletableFuture.runAsync(() -> rows.forEach(row -> {})));
            Subscriber subscriber = new Subscriber(random.nextInt(200));
            users.scan().publisher().subscribe(subscriber);
            ends.add(subscriber.ended);
        }
        CompletableFuture<Void> losing = CompletableFuture.runAsync(() -> lose(server, new Random(seed)));
        CompletableFuture<Void> closing = CompletableFuture.runAsync(() -> open.forEach(this::close));
        if (random.nextBoolean()) {
            closing.get(60, TimeUnit.SECONDS);
        }
        client.close();

        closing.get(60, TimeUnit.SECONDS);
        losing.get(60, TimeUnit.SECONDS);
        for (CompletableFuture<?> end : ends) {
            assertThat(end.handle((ended, failure) -> failure).get(60, TimeUnit.SECONDS))
                    .satisfiesAnyOf(
                            failure -> assertThat(failure).isNull(),
                            failure -> assertThat(failure).hasRootCauseInstanceOf(ClosedException.class),
                            failure -> assertThat(failure).isInstanceOf(ClosedException.class));
        }
        assertThat(server.dispatcher.open()).isZero();
        assertThat(server.dispatcher.time.pending()).isZero();
        assertThat(client.calls().streams().open().count()).isZero();
        assertThat(client.calls().streams().callers().isShutdown()).isTrue();
    }

    private void close(AutoCloseable open) {
        try {
            open.close();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void lose(StreamServer server, Random random) {
        for (int i = 0; i < 20; i++) {
            List<FakeStream<?, ?>> streams = server.dispatcher.streams;
            FakeStream<?, ?> victim = streams.get(random.nextInt(streams.size()));
            if (victim.isOpen()) {
                victim.lose();
            }
        }
    }

    /** Takes some rows and cancels. */
    private static final class Subscriber implements Flow.Subscriber<Row<String>> {

        final CompletableFuture<Void> ended = new CompletableFuture<>();
        private final int wanted;
        private int taken;

        Subscriber(int wanted) {
            this.wanted = wanted;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(wanted + 1L);
            this.subscription.complete(subscription);
        }

        private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();

        @Override
        public void onNext(Row<String> row) {
            taken++;
            if (taken > wanted) {
                subscription.join().cancel();
                ended.complete(null);
            }
        }

        @Override
        public void onError(Throwable failure) {
            ended.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            ended.complete(null);
        }
    }
}
