// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class FuturesTest {

    private final FakeDispatcher server = new FakeDispatcher();

    @Test
    void shouldCompleteFuturesAlsoWhenTheExecutorTakesNoMore() throws Exception {
        AsyncTable<String> users = TestClient.over(server, null, task -> {
                    throw new RejectedExecutionException("full");
                })
                .table("users")
                .async();

        assertThat(users.put("ann", "Ann").get(20, TimeUnit.SECONDS).index()).isEqualTo(1);
        assertThat(users.get("ann").get(20, TimeUnit.SECONDS).value()).contains("Ann");
        server.failures.add(new UnavailableException(new Failure("nobody there", "UNAVAILABLE"), null));
        assertThatThrownBy(() -> users.get("ann").get(20, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(UnavailableException.class);
    }

    @Test
    void shouldFailFuturesAlsoForArgumentsThatCanNeverBeRight() {
        AsyncTable<String> users = TestClient.over(server).table("users").async();
        WriteOptions expiring = WriteOptions.defaults().withExpiryAfter(Duration.ofSeconds(1));
        WriteOptions named = WriteOptions.defaults().withRequestId("r", 1);

        for (CompletableFuture<?> wrong : List.<CompletableFuture<?>>of(
                users.getAll(List.of()), users.delete("ann", expiring), users.update("ann", value -> value, named))) {
            assertThatThrownBy(wrong::join).hasCauseInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void shouldGiveUpWhatIsUnderWayForAFutureThatIsCancelled() {
        TidemarkClient client = TestClient.over(server);
        AsyncTable<String> users = client.table("users").async();
        WriteOptions previous = WriteOptions.defaults().withPreviousRow();
        server.write("users", "ann", "Ann");

        shouldReach(() -> users.put("ann", "Ann"));
        shouldReach(() -> users.put("ann", "Ann", previous));
        shouldReach(() -> users.patch("ann", "{}"));
        shouldReach(() -> users.increment("hits", 1));
        shouldReach(() -> users.get("ann"));
        shouldReach(() -> users.get("ann", Consistency.asOf(1)));
        shouldReach(() -> users.update("ann", value -> value + "b"));
        shouldReach(() -> client.async().tables().list());
        shouldReach(() -> client.async().tables().get("users"));
        shouldReach(() -> client.async().tables().update("users", settings -> settings));
    }

    private void shouldReach(Supplier<CompletableFuture<?>> call) {
        server.gate = new CompletableFuture<>();
        CompletableFuture<?> future = call.get();
        assertThat(server.underWay).isNotDone();

        future.cancel(false);

        assertThat(server.underWay).isCancelled();
    }

    @Test
    void shouldGiveUpTheReadOfARowThatAWritesAnswerCouldNotCarry() {
        AsyncTable<String> users = TestClient.over(server).table("users").async();
        CompletableFuture<Void> first = new CompletableFuture<>();
        server.answering = response -> response.toBuilder().clearResults().build();
        server.gate = first;
        CompletableFuture<IncrementResult> increment = users.increment("hits", 2);
        server.gate = new CompletableFuture<>();
        first.complete(null);
        assertThat(increment).isNotDone();

        increment.cancel(false);

        assertThat(server.underWay).isCancelled();
    }
}
