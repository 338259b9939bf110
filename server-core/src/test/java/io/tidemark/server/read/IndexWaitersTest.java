// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class IndexWaitersTest {

    private final Queue<Runnable> waked = new ArrayDeque<>();
    private long applied;
    private final IndexWaiters waiters = new IndexWaiters(() -> applied, waked::add);

    private void wake() {
        while (!waked.isEmpty()) {
            waked.remove().run();
        }
    }

    @Test
    void shouldWakeThoseWhoseIndexIsApplied() {
        CompletableFuture<Void> first = waiters.reached(1);
        CompletableFuture<Void> second = waiters.reached(2);
        applied = 1;
        waiters.advanced();
        wake();
        assertThat(first).isCompleted();
        assertThat(second).isNotDone();
    }

    @Test
    void shouldTellThoseWhoWaitWhyItsIndexWillNotCome() {
        CompletableFuture<Void> waiting = waiters.reached(1);
        IllegalStateException reason = new IllegalStateException("the store is gone");
        waiters.end(reason);
        assertThat(waiting).as("told on the thread that ends it").isNotDone();
        wake();
        assertThatThrownBy(waiting::join).hasCause(reason);
    }

    @Test
    void shouldTellThoseWhoComeAfterTheEnd() {
        applied = 3;
        IllegalStateException reason = new IllegalStateException("the store is gone");
        waiters.end(reason);
        assertThat(waiters.reached(3)).as("is there").isCompleted();
        assertThatThrownBy(waiters.reached(4)::join).hasCause(reason);
    }
}
