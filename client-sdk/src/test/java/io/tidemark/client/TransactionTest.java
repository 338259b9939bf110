// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.proto.v1.CommitRequest;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class TransactionTest {

    private final FakeDispatcher server = new FakeDispatcher();
    private final TidemarkClient client = TestClient.over(server);
    private final Table<String> users = client.table("users");
    private final Table<byte[]> photos = client.table("photos", Codec.bytes());

    @Test
    void shouldChangeRowsOfSeveralTablesInOneCommit() {
        CommitResult result = client.commit(tx -> tx.ifAbsent(users, "ann")
                .put(users, "ann", "Ann")
                .put(photos, "ann", new byte[] {1, 2})
                .increment(users, "count", 1));

        Committed committed = result.orThrow();
        assertThat(result.committed()).isTrue();
        assertThat(committed.index()).isEqualTo(1);
        assertThat(committed.row(users, "ann").orElseThrow().value()).isEqualTo("Ann");
        assertThat(committed.row(photos, "ann").orElseThrow().value()).containsExactly(1, 2);
        assertThat(committed.row(users, "count").orElseThrow().value()).isEqualTo("1");
        assertThat(committed.row(users, "bob")).isEmpty();
        assertThat(client.session().index()).isEqualTo(1);
    }

    @Test
    void shouldSayWhatAbsentRowsCountAsAndWhenRowsExpire() {
        Expiry soon = Expiry.after(Duration.ofMinutes(1));

        Committed committed = client.commit(tx -> tx.increment(users, "a", 1, 10)
                        .increment(users, "b", 1, 20, soon)
                        .patch(users, "c", "{}", Expiry.never()))
                .orThrow();

        assertThat(committed.row(users, "a").orElseThrow().value()).isEqualTo("11");
        assertThat(committed.row(users, "b").orElseThrow().value()).isEqualTo("21");
        CommitRequest sent = server.commits.get(0);
        assertThat(sent.getMutations(0).getIncrement().hasExpiry()).isFalse();
        assertThat(sent.getMutations(1).getIncrement().getExpiry().getTtl().getSeconds())
                .isEqualTo(60);
        assertThat(sent.getMutations(2).getPatch().getExpiry().hasNever()).isTrue();
    }

    @Test
    void shouldDeleteRangesAndSayWhetherMoreIsLeft() {
        for (String key : List.of("a", "b1", "b2", "b3", "c", "d")) {
            users.put(key, "v");
        }
        server.rangeLimit = 2;

        Committed first = client.commit(
                        tx -> tx.put(users, "b9", "v").put(users, "e", "v").deletePrefix(users, "b"))
                .orThrow();
        Committed second = client.commit(tx -> tx.deletePrefix(users, "b")).orThrow();
        Committed third = client.commit(tx -> tx.deleteRange(users, "c", "d")).orThrow();

        assertThat(first.more()).isTrue();
        assertThat(first.deletedRows()).isEqualTo(2);
        assertThat(first.row(users, "b9"))
                .as("in a range that was deleted from")
                .isEmpty();
        assertThat(first.row(users, "e")).isPresent();
        assertThat(second.more()).isFalse();
        assertThat(third.more()).isFalse();
        assertThat(users.getAll(List.of("a", "b1", "b2", "b3", "b9", "c", "d", "e"))
                        .rows())
                .containsOnlyKeys("a", "d", "e");
    }

    @Test
    void shouldNotDeleteAWholeTableByAnEmptyPrefix() {
        assertThatThrownBy(() -> client.commit(tx -> tx.deletePrefix(users, "")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("prefix: empty");
    }

    @Test
    void shouldChangeNothingAndSayWhatIsThereWhenAConditionFails() {
        users.put("ann", "Ann");

        CommitResult result = client.commit(tx -> tx.ifPresent(users, "ann")
                .require(users, "ann", Condition.version(7))
                .delete(users, "ann"));

        assertThat(result).isInstanceOfSatisfying(Refused.class, refused -> {
            assertThat(refused.failedConditions()).containsExactly(1);
            assertThat(refused.failed(users, "ann")).isTrue();
            assertThat(refused.failed(users, "bob")).isFalse();
            assertThat(refused.row(users, "ann").orElseThrow().value()).isEqualTo("Ann");
            assertThat(refused.index()).isEqualTo(1);
        });
        assertThat(server.text("users", "ann")).isEqualTo("Ann");
        assertThatThrownBy(result::orThrow)
                .isInstanceOfSatisfying(
                        ConditionFailedException.class,
                        failure -> assertThat(failure.failedConditions().get(0).condition())
                                .isEqualTo(1));
    }

    @Test
    void shouldHoldWhatWasReadAgainstWhatIsThere() {
        users.put("ann", "Ann");
        GetResult<String> ann = users.get("ann");
        GetResult<String> bob = users.get("bob");

        assertThat(client.commit(tx -> tx.ifUnchanged(ann).ifUnchanged(bob).put(users, "bob", "Bob"))
                        .committed())
                .isTrue();
        assertThat(client.commit(tx -> tx.ifUnchanged(ann).ifUnchanged(bob).put(users, "bob", "Eve"))
                        .committed())
                .isFalse();
        assertThat(client.commit(tx -> tx.ifUnchanged(ann.row().orElseThrow()).delete(users, "ann"))
                        .orThrow()
                        .deletedRows())
                .isEqualTo(1);
    }

    @Test
    void shouldRefuseToChangeNothing() {
        assertThatThrownBy(() -> client.commit(tx -> tx.ifAbsent(users, "ann")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("changes nothing");
    }
}
