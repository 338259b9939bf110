// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.simulation;

import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.store.engine.EngineOptions;
import io.tidemark.store.state.StoreOptions;
import io.tidemark.store.validate.SettingsRules;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What is simulated.
 *
 * @param seed all that happens follows from it
 * @param directory for the stores; the caller deletes it
 * @param zones that nodes and replicas are spread over
 * @param writesPerSecond of all clients together
 * @param readsPerReplica per second, on average
 * @param boundedPart of the reads, ask for a bound or the newest state
 * @param lossTimeout after which a silent replica is lost
 * @param lossPermille of messages
 */
record Setup(
        long seed,
        Path directory,
        int nodes,
        int replicas,
        int zones,
        int shardCount,
        int replicationFactor,
        int keys,
        double writesPerSecond,
        double readsPerReplica,
        double boundedPart,
        Duration lossTimeout,
        Duration checkpointInterval,
        int lossPermille,
        PlantedFault planted) {

    static final String TABLE = "t";
    static final String CLUSTER_ID = "simulated-cluster";

    private static final long MIB = 1 << 20;
    private static final int VALUE_BYTES = 24;

    /** Something that a test has time for. */
    static Setup small(long seed, Path directory) {
        return new Setup(
                seed,
                directory,
                3,
                12,
                3,
                64,
                2,
                200,
                40,
                4,
                0.7,
                Duration.ofSeconds(3),
                Duration.ofSeconds(5),
                2,
                PlantedFault.NONE);
    }

    /** With a bug. */
    Setup with(PlantedFault fault) {
        return new Setup(
                seed,
                directory,
                nodes,
                replicas,
                zones,
                shardCount,
                replicationFactor,
                keys,
                writesPerSecond,
                readsPerReplica,
                boundedPart,
                lossTimeout,
                checkpointInterval,
                lossPermille,
                fault);
    }

    StoreSettings settings() {
        return SettingsRules.defaults().toBuilder()
                .setAutoCreateTables(true)
                .setShardCount(shardCount)
                .setReplicationFactor(replicationFactor)
                .build();
    }

    /** Of each store: there are many. */
    StoreOptions stores() {
        StoreOptions usual = StoreOptions.defaults();
        EngineOptions engine = usual.engine().withMemtableBytesMax(16 * MIB);
        return new StoreOptions(8 * MIB, MIB, engine);
    }

    String zone(int number) {
        return "z" + (1 + number % zones);
    }

    /** The heaviest has four times the share of the lightest. */
    int weight(int number) {
        // In each zone there are all of them.
        return switch (number / zones % 4) {
            case 0 -> 50;
            case 3 -> 200;
            default -> 100;
        };
    }

    String key(int number) {
        return "k" + number;
    }

    /** Nobody writes the same twice. */
    static String value(long number) {
        String text = "v" + number + "-";
        return text + "x".repeat(Math.max(0, VALUE_BYTES - text.length()));
    }
}
