// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store;

/** A row's name. Ordered by table, then by the UTF-8 bytes of the key. */
public record RowName(String table, String key) implements Comparable<RowName> {

    @Override
    public int compareTo(RowName other) {
        int tables = Utf8.compare(table, other.table);
        return tables != 0 ? tables : Utf8.compare(key, other.key);
    }
}
