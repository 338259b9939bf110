// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.proto.v1.Table;
import io.tidemark.store.KeySpan;
import io.tidemark.store.NamedRow;
import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import io.tidemark.store.proto.v1.RequestRecord;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** What the transition function needs to know of the state: the newest one, as of the last commit. */
public interface StateReader {

    /** Null: there is no such row. Rows of a table that is being dropped are still found. */
    @Nullable StoredRow row(RowName name);

    /**
     * The rows of a span in key order. Read lazily, and only until the state changes or the next span is asked for; needs no
     * closing.
     */
    Iterator<NamedRow> rows(KeySpan span);

    @Nullable Table table(String name);

    /** The remembered request of that id. */
    @Nullable RequestRecord request(String requestId);

    /** Of the remembered request at that place in the window: from {@code windowFirst} to below {@code windowNext}. */
    RequestMark requestMark(long sequence);

    /** The mark of an index from the horizon to the last one; of index 0 it is {@link CommitMark#EMPTY}. */
    CommitMark mark(long index);

    Counters counters();

    StoreSettings settings();

    Registry registry();

    /** The highest version of the transition function that entries may name. */
    int transitionVersion();
}
