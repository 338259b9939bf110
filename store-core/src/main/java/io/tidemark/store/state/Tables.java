// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.proto.v1.Table;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All tables of the newest state, so that a read does not look its table up in the engine. Immutable, replaced by the writer.
 *
 * @param since the first index from which on they are these; of an older state they say nothing
 */
record Tables(Map<String, Table> byName, long since) {

    Tables {
        byName = Map.copyOf(byName);
    }

    static Tables of(List<Table> tables, long since) {
        return new Tables(tables.stream().collect(Collectors.toMap(Table::getTable, table -> table)), since);
    }

    /** Null: there is no such table. */
    @Nullable Table get(String name) {
        return byName.get(name);
    }

    /** Whether they are those of the state at an index that is not after the newest. */
    boolean areOf(long index) {
        return index >= since;
    }

    /**
     * As a write left them.
     *
     * @param changes null: the table is gone
     * @param index the newest after that write
     */
    Tables with(Map<String, @Nullable Table> changes, long index) {
        if (changes.isEmpty()) {
            return this;
        }
        Map<String, Table> changed = new HashMap<>(byName);
        changes.forEach((name, table) -> {
            if (table == null) {
                changed.remove(name);
            } else {
                changed.put(name, table);
            }
        });
        return new Tables(changed, index);
    }
}
