// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

import java.nio.file.Path;

/** The contenders by name. */
public enum Kind {
    /** The engine. */
    TIDEMARK,
    /** The engine with all that a store makes of it. */
    STORE,
    ROCKSDB,
    SKIPLIST;

    Contender open(Path directory) {
        return switch (this) {
            case TIDEMARK -> new EngineContender(directory);
            case STORE -> new StoreContender(directory);
            case ROCKSDB -> new RocksContender(directory);
            case SKIPLIST -> new SkipListContender();
        };
    }
}
