// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The tables of a cluster. {@link #async()} has the same calls as futures. For any thread.
 *
 * <!-- snippet tables -->
 * <pre>{@code
 * client.tables().create("sessions", TableSettings.defaults().withDefaultTtl(Duration.ofHours(1)));
 * client.tables().update("sessions", settings -> settings.withDefaultTtl(Duration.ofHours(2)));
 * }</pre>
 */
public final class Tables {

    private final ClusterCalls calls;

    Tables(ClusterCalls calls) {
        this.calls = calls;
    }

    /** The same calls, as futures. */
    public AsyncTables async() {
        return new AsyncTables(calls);
    }

    /** The same with another deadline for each of its calls, counted from the call's beginning, of which {@link #update} makes two. */
    public Tables withDeadline(Duration deadline) {
        return new Tables(calls.withDeadline(deadline));
    }

    /** Makes a table. One that is there with the same settings is as good. */
    public TableInfo create(String name) {
        return create(name, TableSettings.defaults());
    }

    /**
     * Makes a table. One that is there with the same settings is as good.
     *
     * @throws InvalidRequestException if there is one with other settings
     */
    public TableInfo create(String name, TableSettings settings) {
        return calls.create(name, settings).await();
    }

    /** A table; empty: there is none. */
    public Optional<TableInfo> get(String name) {
        try {
            return Optional.of(calls.table(name).await());
        } catch (NotFoundException e) {
            return Optional.empty();
        }
    }

    /** All tables, by name. */
    public List<TableInfo> list() {
        return calls.tables().await();
    }

    /**
     * Changes the settings of a table.
     *
     * @param change gives the new settings for the present ones
     * @throws NotFoundException if there is no such table
     * @throws ConditionFailedException if somebody else changed it meanwhile
     */
    public TableInfo update(String name, UnaryOperator<TableSettings> change) {
        TableInfo before = calls.table(name).await();
        return calls.update(before, change.apply(before.settings())).await();
    }

    /**
     * Drops a table: from the index that this gives on, none of its rows can be read.
     *
     * @throws NotFoundException if there is no such table
     */
    public long drop(String name) {
        return calls.drop(name).await();
    }
}
