// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
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
}
