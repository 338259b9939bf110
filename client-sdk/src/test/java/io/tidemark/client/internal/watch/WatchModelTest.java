// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.client.Change;
import io.tidemark.client.Codec;
import io.tidemark.client.Failure;
import io.tidemark.client.OverloadedException;
import io.tidemark.client.WatchEvent;
import io.tidemark.client.WatchFilter;
import io.tidemark.client.internal.session.Seen;
import io.tidemark.client.internal.stream.FakeDispatcher;
import io.tidemark.client.internal.stream.FakeDispatcher.FakeStream;
import io.tidemark.client.internal.stream.Intake;
import io.tidemark.client.internal.stream.Intakes;
import io.tidemark.client.internal.stream.StreamServices;
import io.tidemark.proto.v1.WatchRequest;
import io.tidemark.proto.v1.WatchResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random commits, told in random messages by servers that are lost in random places, to a listener that takes as much as it likes: it is
 * told every change once, in order, commits whole.
 */
class WatchModelTest {

    private static final int STEPS = 400;

    static LongStream seeds() {
        return LongStream.rangeClosed(1, Long.getLong("tidemark.histories", 300));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldTellEveryChangeOnceAndInOrder(long seed) {
        new Model(new Random(seed)).run();
    }

    private static final class Model {

        private final Random random;
        private final ModelServers servers;
        private final FakeDispatcher dispatcher = new FakeDispatcher();
        private final StreamServices services = dispatcher.services();
        private final Watching watching;
        private final Intake<Signal, WatchEvent<String>> intake;
        private final Seen seen = new Seen();
        private final List<WatchEvent.Commit<String>> told = new ArrayList<>();
        private long toldThrough = -1;
        private boolean connected;
        private ModelServers.@Nullable Telling telling;

        Model(Random random) {
            this.random = random;
            this.servers = new ModelServers(random);
            WatchSpec spec =
                    WatchSpec.of(List.of(WatchFilter.table("users"))).withBytes(50 + random.nextInt(2000), 1 << 20);
            boolean fromTheStart = random.nextBoolean();
            this.watching = new Watching(
                    fromTheStart ? spec.beginning(new Place(ModelServers.HISTORY, 0), false) : spec,
                    null,
                    seen,
                    services);
            this.intake = new Intake<>(
                    watching.buffer(), new EventDecoder<>(Codec.string(), seen, () -> seen), watching::close);
        }

        void run() {
            for (int i = random.nextInt(5); i > 0; i--) {
                servers.commit();
            }
            watching.start();
            for (int i = 0; i < STEPS; i++) {
                step();
            }
            for (int i = 0; i < 10_000 && !isAllTold(); i++) {
                serve();
                take(1);
                dispatcher.time.advance(Duration.ofMillis(100));
            }
            checkAll();
            intake.close();
            assertThat(dispatcher.open()).isZero();
            assertThat(services.open().count()).isZero();
            assertThat(dispatcher.time.pending()).isZero();
        }

        private void step() {
            switch (random.nextInt(12)) {
                case 0, 1 -> servers.commit();
                case 2, 3, 4, 5 -> serve();
                case 6, 7, 8 -> take(1 + random.nextInt(3));
                case 9 -> dispatcher.time.advance(Duration.ofMillis(random.nextInt(200)));
                case 10 -> lose();
                default -> {
                    if (random.nextInt(10) == 0) {
                        dispatcher.time.advance(Duration.ofSeconds(4));
                    }
                }
            }
        }

        private ModelServers.@Nullable Telling telling() {
            if (dispatcher.streams.isEmpty()) {
                return null;
            }
            FakeStream<WatchRequest, WatchResponse> last = dispatcher.last();
            if (!last.isOpen()) {
                return null;
            }
            if (telling == null || telling.stream() != last) {
                telling = servers.new Telling(last);
            }
            return telling;
        }

        private void serve() {
            ModelServers.Telling server = telling();
            if (server != null && server.stream().isReady()) {
                server.tell();
            }
        }

        private void lose() {
            ModelServers.Telling server = telling();
            if (server == null) {
                return;
            }
            switch (random.nextInt(5)) {
                case 0 -> server.stream().lose();
                case 1 -> server.stream().end();
                case 2 -> server.stream().fail(server.moved());
                case 3 ->
                    server.stream()
                            .fail(new OverloadedException(new Failure("too slow", "WATCHER_TOO_SLOW"), null, null));
                default -> {
                    if (server.stream().isReady() && connected) {
                        server.tellNonsense();
                        server.stream().sendLate(WatchResponse.getDefaultInstance());
                    }
                }
            }
        }

        private void take(int count) {
            for (int i = 0; i < count; i++) {
                WatchEvent<String> event = Intakes.poll(intake);
                if (event == null) {
                    return;
                }
                see(event);
            }
        }

        private void see(WatchEvent<String> event) {
            if (event instanceof WatchEvent.Opened<String> opened) {
                assertThat(toldThrough).isEqualTo(-1);
                toldThrough = opened.index();
                connected = true;
            } else if (event instanceof WatchEvent.Commit<String> commit) {
                assertThat(connected).isTrue();
                told.add(commit);
                checkNext(commit);
            } else if (event instanceof WatchEvent.Progress<String> progress) {
                assertThat(progress.index()).isGreaterThanOrEqualTo(toldThrough);
                checkNothingUntil(progress.index());
            } else if (event instanceof WatchEvent.Disconnected<String>) {
                assertThat(connected || toldThrough == -1).isTrue();
                connected = false;
            } else if (event instanceof WatchEvent.Resumed<String> resumed) {
                assertThat(connected).isFalse();
                connected = true;
                assertThat(resumed.index()).isGreaterThanOrEqualTo(toldThrough);
            } else {
                throw new AssertionError("unexpected: " + event);
            }
        }

        /** It is the next one that has changes, with all of them. */
        private void checkNext(WatchEvent.Commit<String> commit) {
            checkNothingUntil(commit.index() - 1);
            List<io.tidemark.proto.v1.WatchEvent> expected = servers.commits.get((int) commit.index() - 1);
            assertThat(commit.changes()).hasSameSizeAs(expected);
            for (int i = 0; i < expected.size(); i++) {
                Change<String> change = commit.changes().get(i);
                assertThat(change.position()).isEqualTo(expected.get(i).getPosition());
                assertThat(change.index()).isEqualTo(commit.index());
                assertThat(change.key()).isEqualTo(expected.get(i).getRow().getKey());
                if (change instanceof Change.Put<String> put) {
                    assertThat(put.row().value()).isEqualTo("v" + commit.index() + "." + change.position());
                } else {
                    assertThat(change).isInstanceOf(Change.Delete.class);
                }
            }
            toldThrough = commit.index();
            assertThat(seen.index()).isGreaterThanOrEqualTo(commit.index());
        }

        private void checkNothingUntil(long index) {
            for (long i = toldThrough + 1; i <= index; i++) {
                assertThat(servers.commits.get((int) i - 1)).as("commit " + i).isEmpty();
            }
            toldThrough = Math.max(toldThrough, index);
        }

        private boolean isAllTold() {
            ModelServers.Telling server = telling();
            return connected
                    && server != null
                    && server.isLevel()
                    && watching.buffer().hasRoom()
                    && toldThrough == servers.newest();
        }

        private void checkAll() {
            assertThat(toldThrough).isEqualTo(servers.newest());
        }
    }
}
