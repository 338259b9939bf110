// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.Random;

/** A disk in memory for engines of other packages' tests. */
public final class SimulatedDisk {

    private FaultDisk disk = new FaultDisk();

    /** One engine at a time. */
    public Engine open(EngineOptions options) {
        return MapDbEngine.open(disk, options);
    }

    /** The power goes, and comes back: of what was not synced some is lost and some is garbled. */
    public void loseUnsynced(Random random) {
        FaultDisk.Loss[] losses = FaultDisk.Loss.values();
        disk = disk.afterCrash(losses[random.nextInt(losses.length)], random);
    }

    /** Merges all tables, dropping what may go. */
    public static void compact(Engine engine) {
        ((MapDbEngine) engine).compactFully().join();
    }
}
