// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.client.internal.call.Stages;
import io.tidemark.client.internal.dispatch.Interruptible;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a caller is told whose thread is interrupted while it waits for a write. */
class InterruptedTest {

    private static final Attempt ATTEMPT =
            new Attempt("n1:1", java.time.Duration.ZERO, java.time.Duration.ZERO, "no answer yet");

    @AfterEach
    void shouldStayInterrupted() {
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void shouldTellTheNameOfAWriteThatIsOpen() {
        Failure open = new Failure("open", "OUTCOME_UNKNOWN", Map.of("request_id", "r-1"), List.of(ATTEMPT));
        Sent sent = new Sent(call -> call.completeExceptionally(new OutcomeUnknownException(open, null, "r-1", 7L)));

        assertThatThrownBy(() -> interrupted(Stages.map(sent, answer -> answer)))
                .isInstanceOfSatisfying(OutcomeUnknownException.class, failure -> {
                    assertThat(failure.reason()).isEqualTo("INTERRUPTED");
                    assertThat(failure.requestId()).contains("r-1");
                    assertThat(failure.firstSentIndex()).hasValue(7);
                    assertThat(failure.attempts()).containsExactly(ATTEMPT);
                    assertThat(failure.metadata()).containsEntry("request_id", "r-1");
                });
    }

    @Test
    void shouldTellHowItEndedIfItDidMeanwhile() {
        Sent sent = new Sent(call -> call.complete("done"));

        assertThat(interrupted(sent)).isEqualTo("done");
    }

    @Test
    void shouldCallOpenWhatCannotSay() {
        assertThatThrownBy(() -> interrupted(new CompletableFuture<>())).isInstanceOf(OutcomeUnknownException.class);
        assertThatThrownBy(() -> interrupted(Stages.map(new CompletableFuture<String>(), answer -> answer)))
                .isInstanceOf(OutcomeUnknownException.class);
    }

    private static String interrupted(CompletableFuture<String> answer) {
        Thread.currentThread().interrupt();
        return new Call<>(null, answer, came -> came, true).await();
    }

    private static final class Sent extends CompletableFuture<String> implements Interruptible {

        private final Consumer<Sent> end;

        Sent(Consumer<Sent> end) {
            this.end = end;
        }

        @Override
        public void interrupt() {
            end.accept(this);
        }
    }
}
