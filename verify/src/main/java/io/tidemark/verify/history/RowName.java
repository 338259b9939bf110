// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

/** A row's name in a history: {@code table/key}. */
record RowName(String table, String key) {

    static RowName parse(String name) {
        int slash = name.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("row: '" + name + "' (expected: table/key)");
        }
        return new RowName(name.substring(0, slash), name.substring(slash + 1));
    }

    @Override
    public String toString() {
        return table + "/" + key;
    }
}
