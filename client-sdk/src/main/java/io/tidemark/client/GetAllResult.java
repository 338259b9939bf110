// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Many rows, all as of one {@link #index()}. */
public final class GetAllResult<V> implements Result {

    private final Map<String, Row<V>> rows;
    private final Set<String> absentKeys;
    private final Header header;

    GetAllResult(Map<String, Row<V>> rows, Set<String> absentKeys, Header header) {
        this.rows = Collections.unmodifiableMap(rows);
        this.absentKeys = Collections.unmodifiableSet(absentKeys);
        this.header = header;
    }

    /** The rows that are there, by their keys, in the order in which these were asked for. */
    public Map<String, Row<V>> rows() {
        return rows;
    }

    /** The values of the rows that are there, by their keys, in the order in which these were asked for. */
    public Map<String, V> values() {
        Map<String, V> values = new LinkedHashMap<>();
        rows.forEach((key, row) -> {
            if (row.value() != null) {
                values.put(key, row.value());
            }
        });
        return Collections.unmodifiableMap(values);
    }

    /** One of the rows; empty: there is none, or it was not asked for. */
    public Optional<Row<V>> row(String key) {
        return Optional.ofNullable(rows.get(key));
    }

    /** One row's value; empty: there is no row, or it was not asked for. */
    public Optional<V> value(String key) {
        return row(key).flatMap(Row::optionalValue);
    }

    /** The keys of which at {@link #index()} there is certainly no row. */
    public Set<String> absentKeys() {
        return absentKeys;
    }

    @Override
    public Header header() {
        return header;
    }

    @Override
    public String toString() {
        return "GetAllResult[" + rows.size() + " rows, " + absentKeys.size() + " absent, as of " + index() + "]";
    }
}
