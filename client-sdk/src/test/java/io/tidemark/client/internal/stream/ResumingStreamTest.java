// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.stream;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.MethodDescriptor;
import io.tidemark.client.ClosedException;
import io.tidemark.client.DeadlineExceededException;
import io.tidemark.client.Failure;
import io.tidemark.client.OverloadedException;
import io.tidemark.client.TidemarkException;
import io.tidemark.client.internal.dispatch.Target;
import io.tidemark.client.internal.stream.FakeDispatcher.FakeStream;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.ProbeRequest;
import io.tidemark.proto.v1.ProbeResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ResumingStreamTest {

    private static final Duration SILENCE = Duration.ofSeconds(3);
    private static final ProbeResponse MESSAGE = ProbeResponse.getDefaultInstance();

    private final FakeDispatcher dispatcher = new FakeDispatcher();
    private final StreamServices services = dispatcher.services();
    private final TestCourse course = new TestCourse();
    private final ResumingStream<ProbeRequest, ProbeResponse> stream = new ResumingStream<>(course, services);

    @Test
    void shouldBeginAgainElsewhereAfterAPauseThatGrows() {
        stream.start(Duration.ZERO);

        List<Long> pauses = new ArrayList<>();
        for (int i = 1; i <= 6; i++) {
            long lost = dispatcher.nanoTime();
            last().lose();
            while (dispatcher.streams.size() == i) {
                dispatcher.time.advance(Duration.ofMillis(5));
            }
            pauses.add((dispatcher.nanoTime() - lost) / 1_000_000);
        }

        assertThat(pauses).containsExactly(75L, 150L, 300L, 600L, 750L, 750L);
    }

    @Test
    void shouldLeaveNothingBehindWhenItIsEndedBeforeItBegins() {
        stream.end(null);
        stream.start(Duration.ZERO);
        stream.end(null);

        assertThat(dispatcher.streams).isEmpty();
        assertThat(services.open().count()).isZero();
    }

    @Test
    void shouldBeginWithTheShortestPauseAgainAfterAnAttemptThatLasted() {
        stream.start(Duration.ZERO);
        loseAndWait(1);
        loseAndWait(2);
        loseAndWait(3);
        dispatcher.time.advance(Duration.ofSeconds(1));

        last().lose();
        dispatcher.time.advance(Duration.ofMillis(75));

        assertThat(dispatcher.streams).hasSize(5);
    }

    @Test
    void shouldGoOnAtOnceWhereThatIsTheVerdictButNotTwiceInARow() {
        course.verdict = new Verdict.AtOnce();
        stream.start(Duration.ZERO);
        last().lose();
        assertThat(dispatcher.streams).hasSize(2);

        last().lose();
        assertThat(dispatcher.streams).hasSize(2);

        dispatcher.time.advance(Duration.ofMillis(150));
        assertThat(dispatcher.streams).hasSize(3);
        dispatcher.time.advance(Duration.ofSeconds(1));
        last().lose();
        assertThat(dispatcher.streams).hasSize(4);
    }

    @Test
    void shouldPutAsideThoseWhoFailedInARow() {
        dispatcher.servers(3);
        stream.start(Duration.ZERO);
        assertThat(last().aside).isEmpty();
        loseAndWait(1);
        assertThat(last().aside).containsExactly("server-0:1");
        loseAndWait(2);
        assertThat(last().aside).containsExactly("server-0:1", "server-1:1");
        loseAndWait(3);
        assertThat(last().aside).containsExactly("server-0:1", "server-1:1", "server-2:1");

        // Nobody else was there: all have failed once.
        loseAndWait(4);
        assertThat(last().aside).containsExactly("server-0:1");
        dispatcher.time.advance(Duration.ofSeconds(1));
        loseAndWait(5);
        assertThat(last().aside).containsExactly("server-1:1");
    }

    @Test
    void shouldNotPutAsideWhomNothingSpeaksAgainst() {
        course.verdict = new Verdict.AtOnce();
        stream.start(Duration.ZERO);
        loseAndWait(1);
        assertThat(last().aside).isEmpty();
        loseAndWait(2);
        assertThat(last().aside).containsExactly("server-1:1");
    }

    @Test
    void shouldTakeSilenceForLoss() {
        stream.start(Duration.ZERO);
        dispatcher.time.advance(Duration.ofSeconds(2));
        last().send(MESSAGE);
        dispatcher.time.advance(SILENCE.minusMillis(1));
        assertThat(course.failures).isEmpty();

        dispatcher.time.advance(Duration.ofMillis(1));

        assertThat(course.failures).hasSize(1);
        assertThat(course.failures.get(0).reason()).isEqualTo("SILENT_SERVER");
        assertThat(dispatcher.streams.get(0).isGivenUp()).isTrue();
        dispatcher.time.advance(Duration.ofSeconds(1));
        assertThat(dispatcher.streams).hasSize(2);
    }

    @Test
    void shouldNotBlameTheServerWhileThereIsNoRoom() {
        stream.start(Duration.ZERO);
        last().send(MESSAGE);
        course.room = false;
        last().send(MESSAGE);
        last().send(MESSAGE);
        assertThat(last().isReady()).isFalse();

        dispatcher.time.advance(Duration.ofMinutes(10));
        assertThat(course.failures).isEmpty();

        course.room = true;
        stream.roomCame();
        assertThat(last().isReady()).isTrue();
        dispatcher.time.advance(SILENCE.minusMillis(1));
        assertThat(course.failures).isEmpty();
        dispatcher.time.advance(Duration.ofMillis(1));
        assertThat(course.failures).hasSize(1);
    }

    @Test
    void shouldAskForNoMoreThanThereIsRoomFor() {
        stream.start(Duration.ZERO);
        last().send(MESSAGE);
        course.room = false;
        int more = 0;
        while (last().isReady()) {
            last().send(MESSAGE);
            more++;
        }

        assertThat(more).isEqualTo(2);
    }

    @Test
    void shouldBeginNothingWithoutRoom() {
        stream.start(Duration.ZERO);
        course.room = false;
        last().lose();
        dispatcher.time.advance(Duration.ofMinutes(1));
        assertThat(dispatcher.streams).hasSize(1);

        course.room = true;
        stream.roomCame();

        assertThat(dispatcher.streams).hasSize(2);
    }

    @Test
    void shouldGiveUpWhenNothingComesForTooLong() {
        course.patience = Duration.ofSeconds(10);
        stream.start(Duration.ZERO);
        dispatcher.time.advance(Duration.ofSeconds(9));
        assertThat(course.over).isZero();

        dispatcher.time.advance(Duration.ofSeconds(1));

        assertThat(course.over).isEqualTo(1);
        assertThat(course.failure).isInstanceOf(DeadlineExceededException.class).hasMessageContaining("10000 ms");
        assertThat(dispatcher.open()).isZero();
        assertThat(dispatcher.time.pending()).isZero();
    }

    @Test
    void shouldHavePatienceAnewWithEachMessageAndWhileThereIsNoRoom() {
        course.patience = Duration.ofSeconds(10);
        stream.start(Duration.ZERO);
        dispatcher.time.advance(Duration.ofMillis(2500));
        last().send(MESSAGE);
        course.room = false;
        last().send(MESSAGE);
        last().send(MESSAGE);
        dispatcher.time.advance(Duration.ofHours(1));
        last().lose();
        dispatcher.time.advance(Duration.ofHours(1));
        assertThat(course.over).isZero();

        course.room = true;
        stream.roomCame();
        dispatcher.time.advance(Duration.ofMillis(9900));
        assertThat(course.over).isZero();
        dispatcher.time.advance(Duration.ofMillis(100));
        assertThat(course.failure).isInstanceOf(DeadlineExceededException.class);
    }

    @Test
    void shouldGiveUpBeforeAPauseThatIsTooLong() {
        course.patience = Duration.ofSeconds(10);
        course.verdict = new Verdict.AfterPause(Duration.ofSeconds(20));
        stream.start(Duration.ZERO);

        last().fail(new OverloadedException(new Failure("full", "OVERLOADED"), null, Duration.ofSeconds(20)));

        assertThat(course.failure).isInstanceOf(OverloadedException.class);
    }

    @Test
    void shouldIgnoreWhatAnAttemptSaysThatWasGivenUp() {
        stream.start(Duration.ZERO);
        FakeStream<ProbeRequest, ProbeResponse> first = last();
        dispatcher.time.advance(SILENCE);
        dispatcher.time.advance(Duration.ofSeconds(1));

        first.sendLate(MESSAGE);
        first.end();
        first.lose();

        assertThat(course.received).isZero();
        assertThat(course.failures).hasSize(1);
        assertThat(last().isOpen()).isTrue();
    }

    @Test
    void shouldLeaveAServerThatSaysWhatItMayNot() {
        stream.start(Duration.ZERO);
        course.offCourse = true;

        last().send(MESSAGE);

        assertThat(dispatcher.streams.get(0).isGivenUp()).isTrue();
        assertThat(course.failures.get(0).reason()).isEqualTo("OFF_COURSE");
    }

    @Test
    void shouldEndItsServersSideAtOnce() {
        stream.start(Duration.ZERO);
        last().send(MESSAGE);

        stream.end(null);

        assertThat(last().isCancelled()).isTrue();
        assertThat(last().isGivenUp()).isFalse();
        assertThat(course.over).isEqualTo(1);
        assertThat(course.failure).isNull();
        assertThat(services.open().count()).isZero();
        assertThat(dispatcher.time.pending()).isZero();
        stream.end(null);
        stream.roomCame();
        dispatcher.time.advance(Duration.ofMinutes(1));
        assertThat(course.over).isEqualTo(1);
        assertThat(dispatcher.streams).hasSize(1);
    }

    @Test
    void shouldEndWithinAPause() {
        stream.start(Duration.ZERO);
        last().lose();

        services.open().close();

        assertThat(course.failure).isInstanceOf(ClosedException.class);
        assertThat(dispatcher.time.pending()).isZero();
        dispatcher.time.advance(Duration.ofMinutes(1));
        assertThat(dispatcher.streams).hasSize(1);
    }

    @Test
    void shouldNotBeginOnceTheClientIsClosed() {
        services.open().close();

        stream.start(Duration.ZERO);

        assertThat(course.failure).isInstanceOf(ClosedException.class);
        assertThat(dispatcher.streams).isEmpty();
        assertThat(services.open().count()).isZero();
    }

    private FakeStream<ProbeRequest, ProbeResponse> last() {
        return dispatcher.last();
    }

    private void loseAndWait(int streams) {
        assertThat(dispatcher.streams).hasSize(streams);
        last().lose();
        for (int i = 0; i < 1000 && dispatcher.streams.size() == streams; i++) {
            dispatcher.time.advance(Duration.ofMillis(5));
        }
    }

    /** Counts, and does as the test says. */
    private static final class TestCourse implements Course<ProbeRequest, ProbeResponse> {

        boolean room = true;
        boolean offCourse;
        int received;
        int over;

        @Nullable Duration patience;

        @Nullable Verdict verdict;

        @Nullable TidemarkException failure;

        final List<TidemarkException> failures = new ArrayList<>();

        @Override
        public MethodDescriptor<ProbeRequest, ProbeResponse> method() {
            return KeyValueGrpc.getProbeMethod();
        }

        @Override
        public String name() {
            return "test";
        }

        @Override
        public Target target() {
            return new Target.Anyone();
        }

        @Override
        public ProbeRequest request() {
            return ProbeRequest.getDefaultInstance();
        }

        @Override
        public boolean hasRoom() {
            return room;
        }

        @Override
        public void received(ProbeResponse message, boolean first, String address, long sentNanos)
                throws OffCourseException {
            if (offCourse) {
                throw new OffCourseException("nonsense");
            }
            received++;
        }

        @Override
        public Verdict ended() {
            return new Verdict.End(null);
        }

        @Override
        public Verdict failed(TidemarkException why) {
            failures.add(why);
            return verdict == null ? new Verdict.AfterPause(Duration.ZERO) : requireNonNull(verdict);
        }

        @Override
        public Duration silenceMax(boolean opened) {
            return SILENCE;
        }

        @Override
        public @Nullable Duration patience() {
            return patience;
        }

        @Override
        public void over(@Nullable TidemarkException why) {
            over++;
            failure = why;
        }
    }
}
