// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.client.snippets.Snippets;
import io.tidemark.proto.v1.WatchRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WatchTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    private final StreamServer server = new StreamServer();
    private final TidemarkClient client = server.client();
    private final Table<String> users = client.table("users");

    @AfterEach
    void close() {
        client.close();
        assertThat(server.dispatcher.open()).isZero();
        assertThat(server.dispatcher.time.pending()).isZero();
    }

    @Test
    void shouldTellAListenerUntilItIsClosed() throws Exception {
        server.commits = 3;
        Collector collector = new Collector(3);
        WatchHandle watch = users.watch().start(collector);

        assertThat(collector.done.get(20, TimeUnit.SECONDS)).containsExactly("101", "102", "103");
        watch.close();
        watch.ended().get(20, TimeUnit.SECONDS);
        assertThat(collector.end).contains(Optional.empty());
        assertThat(client.session().index()).isEqualTo(103);
        assertThat(server.dispatcher.open()).isZero();
    }

    @Test
    void shouldEndWithAListenerThatThrows() {
        server.commits = 3;
        IllegalStateException failure = new IllegalStateException("listener");
        List<String> told = new ArrayList<>();
        WatchHandle watch = users.watch()
                .start(
                        event -> {
                            told.add(event.getClass().getSimpleName());
                            if (!event.changes().isEmpty()) {
                                throw failure;
                            }
                        },
                        Runnable::run);

        assertThatThrownBy(() -> watch.ended().get())
                .isInstanceOf(ExecutionException.class)
                .hasCause(failure);
        assertThat(told).containsExactly("Opened", "Commit");
        assertThat(server.dispatcher.open()).isZero();
    }

    @Test
    void shouldTellThatTheClientWasClosed() throws Exception {
        Collector collector = new Collector(1);
        WatchHandle watch = users.watch().start(collector);

        client.close();

        assertThatThrownBy(() -> watch.ended().get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(ClosedException.class);
        assertThat(collector.end).hasSize(1);
    }

    @Test
    void shouldGiveEventsOneAfterTheOther() {
        server.commits = 1;
        try (WatchEvents<String> events = users.watch().events()) {
            assertThat(events.next(LONG)).get().isInstanceOf(WatchEvent.Opened.class);
            assertThat(events.next(LONG).orElseThrow().changes()).hasSize(1);
            assertThat(events.next(Duration.ZERO)).isEmpty();
        }
    }

    @Test
    void shouldEndTheLoopOfWhoeverReadsWhenItIsClosed() throws Exception {
        WatchEvents<String> events = users.watch().events();
        CompletableFuture<Integer> read = CompletableFuture.supplyAsync(() -> {
            int count = 0;
            for (WatchEvent<String> event : events) {
                count += event.changes().size() + 1;
            }
            return count;
        });

        events.close();

        assertThat(read.get(20, TimeUnit.SECONDS)).isBetween(0, 1);
        assertThatThrownBy(() -> events.next(Duration.ZERO)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldGoOnBehindAToken() {
        server.commits = 3;
        String token;
        try (WatchEvents<String> events = users.watch().events()) {
            events.next(LONG);
            token = events.next(LONG).orElseThrow().token().orElseThrow();
        }

        try (WatchEvents<String> events = users.watch().after(token).events()) {
            assertThat(events.next(LONG)).get().isInstanceOf(WatchEvent.Opened.class);
            assertThat(events.next(LONG))
                    .get()
                    .isInstanceOfSatisfying(
                            WatchEvent.Commit.class,
                            commit -> assertThat(commit.index()).isEqualTo(102));
        }
        WatchRequest asked = server.dispatcher.<WatchRequest, Object>last().request;
        assertThat(asked.getFromIndex()).isEqualTo(102);
        assertThat(asked.getHistoryId()).isEqualTo(StreamServer.HISTORY);
    }

    @Test
    void shouldTellTheSessionThatWasResetWhatItTellsAfterARestore() {
        try (WatchEvents<String> events = users.watch().snapshotFirst().events()) {
            assertThat(events.next(LONG)).get().isInstanceOf(WatchEvent.Snapshot.class);
            assertThat(events.next(LONG)).get().isInstanceOf(WatchEvent.Opened.class);
            server.history = "0123456789abcdef";
            server.commits = 1;
            server.dispatcher
                    .last()
                    .fail(new HistoryChangedException(
                            new Failure("restored", "HISTORY_CHANGED"), null, StreamServer.HISTORY, server.history));

            while (!(events.next(LONG).orElseThrow() instanceof WatchEvent.HistoryLost)) {}
            client.session().reset();
            assertThat(events.next(LONG)).get().isInstanceOf(WatchEvent.Snapshot.class);
            assertThat(client.session().token()).contains("tm1.0123456789abcdef.100");
            assertThat(events.next(LONG)).get().isInstanceOf(WatchEvent.Opened.class);
            assertThat(events.next(LONG)).get().isInstanceOf(WatchEvent.Commit.class);
            assertThat(client.session().token()).contains("tm1.0123456789abcdef.101");
        }
    }

    @Test
    void shouldMirrorATable() {
        server.rows.put("k1", "v1");
        server.rows.put("k2", "v2");
        server.commits = 2;

        assertThat(Snippets.mirror(users, 2))
                .hasSize(3)
                .containsEntry("k1", "v1")
                .containsEntry("new", "102");
        assertThat(Snippets.scanThenWatch(users, 2)).containsExactly("k1", "k2", "new", "new");
        Snippets.watch(users).close();
    }

    @Test
    void shouldWatchRowsOfSeveralTables() {
        Snippets.watchSeveral(client).events().close();

        WatchRequest asked = server.dispatcher.<WatchRequest, Object>last().request;
        assertThat(asked.getFiltersList())
                .extracting(io.tidemark.proto.v1.WatchFilter::getTable)
                .containsExactly("settings", "users", "users");
        client.watch().events().close();
        assertThat(server.dispatcher.<WatchRequest, Object>last().request.getFiltersCount())
                .isZero();
        users.watch().events().close();
        assertThat(server.dispatcher.<WatchRequest, Object>last().request.getFiltersCount())
                .isEqualTo(1);
    }

    @Test
    void shouldRefuseToBeginWithThePastForItCouldNotBeReadAnew() {
        assertThatThrownBy(
                        () -> users.watch().snapshotFirst(Consistency.asOf(7)).events())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("as of");
        assertThatThrownBy(() ->
                        users.with(Consistency.asOf(7)).watch().snapshotFirst().events())
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldRefuseWhatMakesNoSense() {
        assertThatThrownBy(() -> client.watch().key("k")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> client.watch().snapshotFirst().events()).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> users.watch().after("nonsense")).isInstanceOf(InvalidRequestException.class);
        assertThatThrownBy(() -> users.watch().heartbeat(Duration.ofMillis(99)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> users.watch().bufferBytes(0)).isInstanceOf(IllegalArgumentException.class);
    }

    private static final class Collector implements WatchListener<String> {

        final CompletableFuture<List<String>> done = new CompletableFuture<>();
        final List<Optional<Throwable>> end = new ArrayList<>();
        private final List<String> values = new ArrayList<>();
        private final int wanted;

        Collector(int wanted) {
            this.wanted = wanted;
        }

        @Override
        public void onEvent(WatchEvent<String> event) {
            for (Change<String> change : event.changes()) {
                values.add(String.valueOf(((Change.Put<String>) change).row().value()));
            }
            if (values.size() == wanted) {
                done.complete(values);
            }
        }

        @Override
        public void onEnd(Optional<Throwable> failure) {
            end.add(failure);
        }
    }
}
