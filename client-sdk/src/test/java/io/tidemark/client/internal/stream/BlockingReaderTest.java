// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.client.ClosedException;
import io.tidemark.client.Failure;
import io.tidemark.client.UnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BlockingReaderTest {

    private final Buffer<List<Integer>> buffer = new Buffer<>(100);
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final BlockingReader<Integer> reader =
            new BlockingReader<>(new Intake<>(buffer, List::iterator, () -> ended.complete(null)));

    @Test
    void shouldGiveAllThatCameBeforeTheEnd() {
        buffer.put(List.of(1, 2), 10);
        buffer.put(List.of(), 10);
        buffer.put(List.of(3), 10);
        buffer.end(null);

        assertThat(reader).toIterable().containsExactly(1, 2, 3);
        assertThat(reader.isOver()).isTrue();
        assertThatThrownBy(reader::next).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void shouldGiveAllThatCameBeforeAFailureAndThenFailAgainAndAgain() {
        buffer.put(List.of(1), 10);
        buffer.end(new ClosedException(new Failure("closed", "CLIENT_CLOSED"), null));

        assertThat(reader.next()).isEqualTo(1);
        assertThatThrownBy(reader::hasNext).isInstanceOf(ClosedException.class);
        assertThatThrownBy(reader::next).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> reader.next(Duration.ZERO)).isInstanceOf(ClosedException.class);
    }

    @Test
    void shouldWaitForWhatComes() throws Exception {
        CompletableFuture<Integer> read = CompletableFuture.supplyAsync(reader::next);
        buffer.put(List.of(7), 10);

        assertThat(read.get(20, TimeUnit.SECONDS)).isEqualTo(7);
    }

    @Test
    void shouldWaitNoLongerThanAllowed() {
        assertThat(reader.next(Duration.ofMillis(5))).isNull();
        assertThat(reader.isOver()).isFalse();
        buffer.put(List.of(7), 10);
        assertThat(reader.next(Duration.ofMillis(5))).isEqualTo(7);
    }

    @Test
    void shouldWakeWhoeverWaitsWhenItIsClosed() throws Exception {
        CompletableFuture<Boolean> read = CompletableFuture.supplyAsync(reader::hasNext);

        reader.close();

        assertThat(read.get(20, TimeUnit.SECONDS)).isFalse();
        assertThat(ended).isCompleted();
        buffer.put(List.of(1), 10);
        assertThat(reader.hasNext()).isFalse();
    }

    @Test
    void shouldDropWhatWasNotReadWhenItIsClosed() {
        buffer.put(List.of(1, 2, 3), 10);
        assertThat(reader.hasNext()).isTrue();

        reader.close();

        assertThat(reader.hasNext()).isFalse();
        assertThat(buffer.hasRoom()).isTrue();
    }

    @Test
    void shouldGiveWhatItPromisedAlsoIfItWasClosedSince() {
        buffer.put(List.of(1, 2), 10);
        assertThat(reader.hasNext()).isTrue();

        reader.close();

        assertThat(reader.next()).isEqualTo(1);
        assertThat(reader.hasNext()).isFalse();
    }

    @Test
    void shouldSayThatItWasInterrupted() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(reader::hasNext)
                .isInstanceOfSatisfying(
                        UnavailableException.class, e -> assertThat(e.reason()).isEqualTo("INTERRUPTED"));
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void shouldTellWhenHalfOfTheRoomIsFreeAgain() {
        CompletableFuture<Void> room = new CompletableFuture<>();
        buffer.onRoom(() -> room.complete(null));
        buffer.put(List.of(1), 40);
        buffer.put(List.of(2), 40);
        buffer.put(List.of(3), 40);
        assertThat(buffer.hasRoom()).isFalse();

        reader.next();
        assertThat(buffer.hasRoom()).isTrue();
        assertThat(room).isNotDone();
        reader.next();
        assertThat(room).isDone();
    }
}
