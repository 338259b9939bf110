// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.client.internal.dispatch.ReadAsk;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class UpdateTest {

    private final FakeDispatcher server = new FakeDispatcher();
    private final TidemarkClient client = TestClient.over(server);
    private final Table<String> users = client.table("users");

    @Test
    void shouldWriteWhatIsComputedFromWhatIsThere() {
        server.write("users", "ann", "a");

        UpdateResult<String> result = users.update("ann", value -> value + "b");

        assertThat(server.text("users", "ann")).isEqualTo("ab");
        assertThat(result.row().orElseThrow().value()).isEqualTo("ab");
        assertThat(result.rounds()).isEqualTo(1);
        assertThat(result.written()).isTrue();
    }

    @Test
    void shouldComputeAnewFromWhatSomebodyElseWroteMeanwhile() {
        server.write("users", "ann", "a");
        server.beforeCommit.add(() -> server.write("users", "ann", "x"));
        server.beforeCommit.add(() -> server.write("users", "ann", "y"));

        UpdateResult<String> result = users.update("ann", value -> value + "b");

        assertThat(server.text("users", "ann")).isEqualTo("yb");
        assertThat(result.rounds()).isEqualTo(3);
        assertThat(server.asks).hasSize(1);
    }

    @Test
    void shouldDoTheSameAsAFuture() {
        server.write("users", "ann", "a");
        server.beforeCommit.add(() -> server.write("users", "ann", "x"));

        UpdateResult<String> result =
                users.async().update("ann", value -> value + "b").join();

        assertThat(server.text("users", "ann")).isEqualTo("xb");
        assertThat(result.rounds()).isEqualTo(2);
        assertThat(users.async().compute("bob", bob -> Optional.empty()).join().written())
                .isFalse();
    }

    @Test
    void shouldLeaveARowAloneThatIsCertainlyAbsent() {
        UpdateResult<String> result = users.update("ann", value -> value + "b");

        assertThat(result.written()).isFalse();
        assertThat(result.row()).isEmpty();
        assertThat(server.commits).isEmpty();
        assertThat(server.asks.get(server.asks.size() - 1).base()).isEqualTo(new ReadAsk.Base.Linearizable());
    }

    @Test
    void shouldCreateAndDelete() {
        users.compute("ann", value -> Optional.of(value.map(v -> v + "b").orElse("new")));
        assertThat(server.text("users", "ann")).isEqualTo("new");

        UpdateResult<String> deleted = users.compute("ann", value -> Optional.empty());
        assertThat(deleted.written()).isTrue();
        assertThat(deleted.row()).isEmpty();
        assertThat(server.text("users", "ann")).isNull();
    }

    @Test
    void shouldLetARowExpireWhenItWouldHaveUnlessItIsSaid() {
        Expiry expiry = Expiry.at(Instant.ofEpochSecond(9));
        users.put("ann", "a", WriteOptions.defaults().withExpiry(expiry));
        server.beforeCommit.add(
                () -> users.put("ann", "x", WriteOptions.defaults().withExpiryAt(Instant.ofEpochSecond(11))));

        UpdateResult<String> result = users.update("ann", value -> value + "b");

        assertThat(result.rounds()).isEqualTo(2);
        assertThat(expiryOf(1).getExpireTime().getSeconds()).isEqualTo(9);
        assertThat(expiryOf(3).getExpireTime().getSeconds()).isEqualTo(11);
        users.update("ann", value -> value + "c", WriteOptions.defaults().withExpiryAfter(Duration.ofSeconds(3)));
        assertThat(expiryOf(4).getTtl().getSeconds()).isEqualTo(3);
        server.write("users", "bob", "b");
        users.update("bob", value -> value + "c");
        assertThat(expiryOf(5).hasNever())
                .as("it had none, whatever new rows have")
                .isTrue();
        users.compute("eve", value -> Optional.of("e"));
        assertThat(server.commits.get(6).getMutations(0).getPut().hasExpiry())
                .as("a new row expires as the table says")
                .isFalse();
    }

    private io.tidemark.proto.v1.Expiry expiryOf(int commit) {
        return server.commits.get(commit).getMutations(0).getPut().getExpiry();
    }

    @Test
    void shouldGiveUpAtTheDeadline() {
        server.write("users", "ann", "a");
        server.tripTime = Duration.ofMillis(40);
        for (int i = 0; i < 10; i++) {
            server.beforeCommit.add(() -> server.write("users", "ann", "x"));
        }

        assertThatThrownBy(() -> users.update(
                        "ann", value -> value + "b", WriteOptions.defaults().withDeadline(Duration.ofMillis(100))))
                .isInstanceOf(DeadlineExceededException.class)
                .hasMessageContaining("users/ann");
    }

    @Test
    void shouldEndWithWhatTheChangeThrows() {
        server.write("users", "ann", "a");
        IllegalStateException own = new IllegalStateException("mine");

        assertThatThrownBy(() -> users.update("ann", value -> {
                    throw own;
                }))
                .isSameAs(own);
        assertThatThrownBy(() -> users.async()
                        .update("ann", value -> {
                            throw own;
                        })
                        .join())
                .isInstanceOf(CompletionException.class)
                .hasCause(own);
    }

    @Test
    void shouldRefuseARequestIdBecauseItWritesSeveralTimes() {
        assertThatThrownBy(() -> users.update(
                        "ann", value -> value, WriteOptions.defaults().withRequestId("r", 1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
