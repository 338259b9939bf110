// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import org.jspecify.annotations.Nullable;

/**
 * What a commit did to one row, or to a table. {@link #index()} and {@link #position()} name it for ever: whoever keeps them can drop
 * what was seen before.
 */
public sealed interface Change<V> {

    /** The commit. */
    long index();

    /** The place of the change within its commit, from 0. Others than those that are watched count, too. */
    int position();

    /** The table. */
    String table();

    /** The key; null where the whole table is meant. */
    @Nullable String key();

    /**
     * The row was created or changed.
     *
     * @param row as it is since then
     * @param previous as it was before, if that was asked for; null also if it was created
     * @param previousMissing the row before was asked for, existed, and is not kept any more, or cannot be read
     */
    record Put<V>(
            long index, int position, Row<V> row, @Nullable Row<V> previous, boolean previousMissing)
            implements Change<V> {

        /** Whether there was no such row before. */
        public boolean created() {
            return row.version() == 1;
        }

        @Override
        public String table() {
            return row.table();
        }

        @Override
        public String key() {
            return row.key();
        }
    }

    /**
     * The row was deleted.
     *
     * @param previous as it was before, if that was asked for
     * @param previousMissing as in {@link Put}
     */
    record Delete<V>(
            long index,
            int position,
            String table,
            String key,
            @Nullable Row<V> previous,
            boolean previousMissing) implements Change<V> {}

    /**
     * The row was deleted because its time had come.
     *
     * @param previous as it was before, if that was asked for
     * @param previousMissing as in {@link Put}
     */
    record Expire<V>(
            long index,
            int position,
            String table,
            String key,
            @Nullable Row<V> previous,
            boolean previousMissing) implements Change<V> {}

    /** The table was dropped: none of its rows is there any more, and they are not told one by one. */
    record TableDropped<V>(long index, int position, String table) implements Change<V> {
        @Override
        public @Nullable String key() {
            return null;
        }
    }

    /**
     * Something happened that cannot be told: the codec could not read the row, or the server is newer than this client and tells of a
     * kind of change that it does not know. Take the row, or without a key the whole table, as unknown and read it anew.
     *
     * @param failure what the codec said; null: it is a kind of change that is not known
     */
    record Unreadable<V>(
            long index,
            int position,
            String table,
            @Nullable String key,
            @Nullable CodecException failure) implements Change<V> {}
}
