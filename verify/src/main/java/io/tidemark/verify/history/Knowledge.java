// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/** What the clients of a history knew when: the highest index that was known before a moment, and who knew it. */
final class Knowledge {

    private final NavigableMap<Long, Item> newestByEnd = new TreeMap<>();

    /**
     * One thing that told a client of an index.
     *
     * @param moment when the client had been told
     * @param source to show
     */
    record Item(long index, long moment, Object source) {}

    Knowledge(List<Item> items) {
        long newest = -1;
        for (Item item : items.stream()
                .sorted((a, b) -> Long.compare(a.moment(), b.moment()))
                .toList()) {
            if (item.index() > newest) {
                newest = item.index();
                newestByEnd.put(item.moment(), item);
            }
        }
    }

    /** The highest index that anybody had been told of before the moment; index 0 if none. */
    Item before(long moment) {
        var entry = newestByEnd.lowerEntry(moment);
        return entry == null ? new Item(0, moment, "nothing") : entry.getValue();
    }
}
