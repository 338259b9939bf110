// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

/** The reference against itself: the suite must hold for it too. */
final class InMemoryEngineTest extends EngineContract {
    @Override
    Engine create() {
        return new InMemoryEngine(Histories.smallOptions());
    }

    @Override
    Engine reopen(Engine engine) {
        engine.checkpoint().join();
        return engine;
    }

    @Override
    int histories() {
        return 20;
    }
}
