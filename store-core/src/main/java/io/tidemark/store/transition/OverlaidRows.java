// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import io.tidemark.store.NamedRow;
import io.tidemark.store.RowName;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** Rows of the state below, with changed ones in their place and removed ones left out, in key order. */
final class OverlaidRows implements Iterator<NamedRow> {

    private final Iterator<NamedRow> below;
    private final Iterator<Map.Entry<RowName, StateOverlay.RowSlot>> changes;
    private @Nullable NamedRow nextBelow;
    private Map.@Nullable Entry<RowName, StateOverlay.RowSlot> nextChange;
    private @Nullable NamedRow next;

    OverlaidRows(Iterator<NamedRow> below, Iterator<Map.Entry<RowName, StateOverlay.RowSlot>> changes) {
        this.below = below;
        this.changes = changes;
        this.nextBelow = below.hasNext() ? below.next() : null;
        this.nextChange = changes.hasNext() ? changes.next() : null;
        advance();
    }

    @Override
    public boolean hasNext() {
        return next != null;
    }

    @Override
    public NamedRow next() {
        NamedRow row = next;
        if (row == null) {
            throw new NoSuchElementException();
        }
        advance();
        return row;
    }

    private void advance() {
        next = null;
        while (next == null && (nextBelow != null || nextChange != null)) {
            NamedRow row = nextBelow;
            Map.Entry<RowName, StateOverlay.RowSlot> change = nextChange;
            int order = row == null ? 1 : change == null ? -1 : row.name().compareTo(change.getKey());
            if (order <= 0) {
                nextBelow = below.hasNext() ? below.next() : null;
            }
            if (order < 0) {
                next = row;
            } else if (change != null) {
                nextChange = changes.hasNext() ? changes.next() : null;
                if (change.getValue().row() != null) {
                    next = new NamedRow(change.getKey(), change.getValue().row());
                }
            }
        }
    }
}
