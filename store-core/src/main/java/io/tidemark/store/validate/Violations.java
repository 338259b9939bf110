// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.validate;

import io.tidemark.store.Refusal;
import java.util.ArrayList;
import java.util.List;

/** Collects the fields that break rules, so that a caller learns of all of them at once (the first {@link #MAX}). */
final class Violations {

    static final int MAX = 20;

    private final List<Refusal.Item> items = new ArrayList<>();

    void add(String field, String description) {
        if (items.size() < MAX) {
            items.add(new Refusal.Item(field, description));
        }
    }

    void throwIfAny() {
        if (!items.isEmpty()) {
            throw Refusal.ofFields(items).toException();
        }
    }
}
