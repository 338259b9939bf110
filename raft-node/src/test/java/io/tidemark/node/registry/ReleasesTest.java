// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.registry;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.node.registry.Releases.Said;
import io.tidemark.proto.v1.ShardRelease;
import io.tidemark.store.Shards;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Two replicas, one shard each, and who may rely on whom. */
class ReleasesTest {

    private static final int SHARDS = 4;
    private static final Shards S = Shards.of(2);

    private final Releases releases = new Releases(7, SHARDS);
    private final Map<String, Shards> placed = new LinkedHashMap<>();
    private final Map<String, Said> said = new LinkedHashMap<>();

    private Shards released(String replica) {
        return Shards.of(release(replica).getShards(), SHARDS);
    }

    private ShardRelease release(String replica) {
        return requireNonNull(releases.decide(placed.keySet(), id -> placed.getOrDefault(id, Shards.NONE), said::get)
                .get(replica));
    }

    /** It knows the newest release. */
    private void says(String replica, Shards serving) {
        says(replica, serving, 0);
        says(replica, serving, number(replica));
    }

    private void says(String replica, Shards serving, long number) {
        said.put(replica, new Said("first", true, serving, 7, number));
    }

    private long number(String replica) {
        return release(replica).getNumber();
    }

    private void moveFromOldToNew() {
        placed.put("old", Shards.NONE);
        placed.put("new", Shards.all(SHARDS));
        says("old", S);
        says("new", Shards.NONE);
    }

    @Test
    void shouldReleaseOnceTheNewOwnerServes() {
        moveFromOldToNew();
        assertThat(released("old")).isEqualTo(Shards.NONE);
        long first = number("old");

        says("new", S);
        assertThat(released("old")).isEqualTo(S);
        assertThat(number("old")).isGreaterThan(first);
        assertThat(released("new")).isEqualTo(Shards.NONE);
    }

    @Test
    void shouldWaitForAllOnWhomItIsPlaced() {
        moveFromOldToNew();
        placed.put("other", Shards.all(SHARDS));
        says("new", S);
        says("other", Shards.NONE);
        assertThat(released("old")).isEqualTo(Shards.NONE);
        says("other", S);
        assertThat(released("old")).isEqualTo(S);
    }

    @Test
    void shouldNotRelyOnWhoMayActOnARelease() {
        moveFromOldToNew();
        says("new", S);
        assertThat(released("old")).isEqualTo(S);
        long known = number("old");

        // It turns before the old owner has said that it gave the shard up, or that it did not.
        placed.put("old", Shards.all(SHARDS));
        placed.put("new", Shards.NONE);
        assertThat(released("new")).isEqualTo(Shards.NONE);
        assertThat(number("old")).isGreaterThan(known);
        says("old", S, known);
        assertThat(released("new")).as("it knows the release").isEqualTo(Shards.NONE);

        says("old", S);
        assertThat(released("new"))
                .as("it knows that there is none any more, and serves")
                .isEqualTo(S);
    }

    @Test
    void shouldNotRelyOnWhoKnowsNoReleaseOfThisReign() {
        moveFromOldToNew();
        said.put("new", new Said("first", true, S, 6, 1));
        assertThat(released("old")).as("it may act on one of the leader before").isEqualTo(Shards.NONE);
        says("new", S);
        assertThat(released("old")).isEqualTo(S);
    }

    @Test
    void shouldNotRelyOnWhoIsSilent() {
        moveFromOldToNew();
        said.put("new", new Said("first", false, S, 7, 1));
        assertThat(released("old")).isEqualTo(Shards.NONE);
    }

    @Test
    void shouldBeginAnewWithEachProcess() {
        moveFromOldToNew();
        says("new", S);
        assertThat(released("old")).isEqualTo(S);
        long known = number("old");
        said.put("old", new Said("second", true, S, 0, 0));
        ShardRelease first = release("old");
        assertThat(first.getIncarnationId()).isEqualTo("second");
        assertThat(first.getNumber()).isGreaterThan(known);
    }

    @Test
    void shouldGoOnWithWhoWasLostAndIsTheSameProcess() {
        moveFromOldToNew();
        says("new", S);
        assertThat(released("old")).isEqualTo(S);
        says("old", S);
        long known = number("old");

        placed.remove("old");
        releases.decide(placed.keySet(), id -> placed.getOrDefault(id, Shards.NONE), said::get);
        placed.put("old", Shards.all(SHARDS));
        placed.put("new", Shards.NONE);
        assertThat(released("new")).as("old may act on the release").isEqualTo(Shards.NONE);
        assertThat(number("old")).as("not before what it knows").isGreaterThan(known);
        says("old", S);
        assertThat(released("new")).isEqualTo(S);
    }

    @Test
    void shouldNotRelyOnWhoWasForgottenUntilItNamesAReleaseThatIsKnown() {
        moveFromOldToNew();
        says("new", S);
        assertThat(released("old")).isEqualTo(S);
        says("old", S);
        long known = number("old");

        releases.retain(List.of("new"));
        placed.put("old", Shards.all(SHARDS));
        placed.put("new", Shards.NONE);
        assertThat(number("old")).as("not before what it knows").isGreaterThan(known);
        assertThat(released("new")).as("old may act on the release").isEqualTo(Shards.NONE);
        says("old", S);
        assertThat(released("new")).isEqualTo(S);
    }

    @Test
    void shouldReleaseAllWhereNobodyIsLeftToTakeIt() {
        placed.put("old", Shards.NONE);
        says("old", Shards.all(SHARDS));
        assertThat(released("old")).isEqualTo(Shards.all(SHARDS));
    }

    @Test
    void shouldReleaseNothingThatIsPlacedHere() {
        placed.put("one", Shards.all(SHARDS));
        placed.put("two", Shards.all(SHARDS));
        says("one", Shards.all(SHARDS));
        says("two", Shards.all(SHARDS));
        long first = number("one");
        assertThat(released("one")).isEqualTo(Shards.NONE);
        assertThat(number("one")).isEqualTo(first);
    }
}
