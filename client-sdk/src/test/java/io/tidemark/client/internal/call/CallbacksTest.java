// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CallbacksTest {

    @Test
    void shouldCompleteManyFuturesOnFewThreads() {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();

        List<CompletableFuture<Void>> completions = IntStream.range(0, 1_000)
                .mapToObj(i -> CompletableFuture.runAsync(() -> threads.add(Thread.currentThread()), Callbacks.pool()))
                .toList();
        completions.forEach(CompletableFuture::join);

        assertThat(threads)
                .hasSizeLessThanOrEqualTo(Math.max(2, Runtime.getRuntime().availableProcessors()))
                .allMatch(Thread::isDaemon)
                .allMatch(thread -> thread.getName().startsWith("tidemark-callbacks-"));
    }
}
