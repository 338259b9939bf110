// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.registry;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.node.registry.Releases.Said;
import io.tidemark.proto.v1.ShardRelease;
import io.tidemark.store.Shards;
import java.util.LinkedHashMap;
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

    private void says(String replica, Shards serving, long number) {
        said.put(replica, new Said("first", true, serving, 7, number));
    }

    private long number(String replica) {
        return release(replica).getNumber();
    }

    private void moveFromOldToNew() {
        placed.put("old", Shards.NONE);
        placed.put("new", Shards.all(SHARDS));
        says("old", S, 1);
        says("new", Shards.NONE, 1);
    }

    @Test
    void shouldReleaseOnceTheNewOwnerServes() {
        moveFromOldToNew();
        assertThat(released("old")).isEqualTo(Shards.NONE);

        says("new", S, 1);
        assertThat(released("old")).isEqualTo(S);
        assertThat(number("old")).isEqualTo(2);
        assertThat(released("new")).isEqualTo(Shards.NONE);
    }

    @Test
    void shouldWaitForAllOnWhomItIsPlaced() {
        moveFromOldToNew();
        placed.put("other", Shards.all(SHARDS));
        says("new", S, 1);
        says("other", Shards.NONE, 1);
        assertThat(released("old")).isEqualTo(Shards.NONE);
        says("other", S, 1);
        assertThat(released("old")).isEqualTo(S);
    }

    @Test
    void shouldNotRelyOnWhoMayActOnARelease() {
        moveFromOldToNew();
        says("new", S, 1);
        assertThat(released("old")).isEqualTo(S);

        // It turns before the old owner has said that it gave the shard up, or that it did not.
        placed.put("old", Shards.all(SHARDS));
        placed.put("new", Shards.NONE);
        assertThat(released("new")).isEqualTo(Shards.NONE);
        assertThat(number("old")).isEqualTo(3);
        says("old", S, 2);
        assertThat(released("new")).as("it knows the release").isEqualTo(Shards.NONE);

        says("old", S, 3);
        assertThat(released("new"))
                .as("it knows that there is none any more, and serves")
                .isEqualTo(S);
    }

    @Test
    void shouldNotRelyOnWhoKnowsNoReleaseOfThisReign() {
        moveFromOldToNew();
        said.put("new", new Said("first", true, S, 6, 1));
        assertThat(released("old")).as("it may act on one of the leader before").isEqualTo(Shards.NONE);
        says("new", S, 1);
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
        says("new", S, 1);
        assertThat(released("old")).isEqualTo(S);
        said.put("old", new Said("second", true, S, 0, 0));
        ShardRelease first = release("old");
        assertThat(first.getIncarnationId()).isEqualTo("second");
        assertThat(first.getNumber()).isGreaterThan(2);
    }

    @Test
    void shouldReleaseAllWhereNobodyIsLeftToTakeIt() {
        placed.put("old", Shards.NONE);
        says("old", Shards.all(SHARDS), 1);
        assertThat(released("old")).isEqualTo(Shards.all(SHARDS));
    }

    @Test
    void shouldReleaseNothingThatIsPlacedHere() {
        placed.put("one", Shards.all(SHARDS));
        placed.put("two", Shards.all(SHARDS));
        says("one", Shards.all(SHARDS), 1);
        says("two", Shards.all(SHARDS), 1);
        assertThat(released("one")).isEqualTo(Shards.NONE);
        assertThat(number("one")).isEqualTo(1);
    }
}
