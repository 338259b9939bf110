// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import static org.assertj.core.api.Assertions.assertThat;

/** The durable engine over a disk in memory, which poisons tables that are read after they were unmapped. */
final class MapDbEngineTest extends EngineContract {
    private FaultDisk disk = new FaultDisk();

    @Override
    Engine create() {
        disk = new FaultDisk();
        return MapDbEngine.open(disk, Histories.smallOptions());
    }

    @Override
    Engine reopen(Engine engine) {
        engine.close();
        return MapDbEngine.open(disk, Histories.smallOptions());
    }

    @Override
    void compact(Engine engine) {
        super.compact(engine);
        assertThat(engine.stats().level0Tables()).isLessThan(6);
    }
}
