// SPDX-License-Identifier: Apache-2.0
package io.tidemark.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShardHashTest {

    static List<Map<String, Object>> vectors() {
        return TestVectors.list("shard-hash.json", "vectors");
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void shouldAgreeWithTheReferenceImplementation(Map<String, Object> vector) {
        String table = TestVectors.text(vector, "table");
        String key = TestVectors.text(vector, "key");

        assertThat(String.format("%016x", ShardHash.hash(table, key))).isEqualTo(TestVectors.text(vector, "hash"));
        assertThat(ShardHash.shardOf(table, key, 16)).isEqualTo((int) TestVectors.number(vector, "shard_of_16"));
        assertThat(ShardHash.shardOf(table, key, 1024)).isEqualTo((int) TestVectors.number(vector, "shard_of_1024"));
    }

    @Test
    void shouldPutEverythingIntoTheOnlyShard() {
        assertThat(ShardHash.shardOf(-1L, 1)).isZero();
        assertThat(ShardHash.shardOf(Long.MAX_VALUE, 1)).isZero();
    }

    @Test
    void shouldOnlySplitEachShardWhenTheCountDoubles() {
        for (int i = 0; i < 10_000; i++) {
            long hash = ShardHash.hash("t", "key" + i);
            assertThat(ShardHash.shardOf(hash, 2048) / 2).isEqualTo(ShardHash.shardOf(hash, 1024));
        }
    }

    @Test
    void shouldSpreadSimilarKeysEvenly() {
        int[] rowsPerShard = new int[64];
        for (int i = 0; i < 64_000; i++) {
            rowsPerShard[ShardHash.shardOf("users", "user/" + i, 64)]++;
        }
        // 1000 expected, standard deviation 31: six of them either way.
        assertThat(Arrays.stream(rowsPerShard).boxed())
                .allSatisfy(count -> assertThat(count).isBetween(810, 1190));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 3, 1000, 1 << 17, Integer.MIN_VALUE})
    void shouldRefuseACountThatIsNoPowerOfTwoInRange(int shardCount) {
        assertThatThrownBy(() -> ShardHash.shardOf(0L, shardCount))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("shard count: " + shardCount);
    }
}
