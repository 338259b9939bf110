// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.service;

import io.tidemark.store.Refusal;
import io.tidemark.store.RefusedException;
import java.util.ArrayList;
import java.util.List;

/** Tries the rules of a request one after the other, so that its caller learns of all that are broken, up to 20. */
final class RequestRules {

    private static final int MAX = 20;

    private final List<Refusal.Item> broken = new ArrayList<>();

    /** Notes what the rule refuses. */
    RequestRules check(Runnable rule) {
        try {
            rule.run();
        } catch (RefusedException refused) {
            for (Refusal.Item item : refused.refusal().violations()) {
                // Rules of parts name fields behind the part, which here is the request itself.
                String field = item.name().startsWith(".") ? item.name().substring(1) : item.name();
                add(field, item.value());
            }
        }
        return this;
    }

    /** Notes a field that is not as it should be. */
    RequestRules check(boolean holds, String field, String description) {
        if (!holds) {
            add(field, description);
        }
        return this;
    }

    private void add(String field, String description) {
        if (broken.size() < MAX) {
            broken.add(new Refusal.Item(field, description));
        }
    }

    boolean isFull() {
        return broken.size() == MAX;
    }

    void throwIfAny() {
        if (!broken.isEmpty()) {
            throw Refusal.ofFields(broken).toException();
        }
    }
}
