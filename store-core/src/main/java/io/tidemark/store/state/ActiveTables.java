// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.proto.v1.Table;
import io.tidemark.proto.v1.TableState;
import io.tidemark.store.RowName;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/** Rows of tables that are not being dropped. Looks each table up once. */
final class ActiveTables implements Predicate<RowName> {

    private final StoreView view;
    private final Map<String, Boolean> active = new HashMap<>();

    ActiveTables(StoreView view) {
        this.view = view;
    }

    @Override
    public boolean test(RowName name) {
        return active.computeIfAbsent(name.table(), this::isActive);
    }

    private boolean isActive(String name) {
        Table table = view.table(name);
        return table != null && table.getState() == TableState.TABLE_STATE_ACTIVE;
    }
}
