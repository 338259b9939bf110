// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.scan;

import io.tidemark.client.TidemarkException;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.Row;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who takes what a streamed scan brings; called in its turns. */
public interface ScanSink {

    /**
     * The index that all of it is as of is known. Once, before any row.
     *
     * @param sentNanos when the attempt was sent that was answered
     * @param attempts how often it was asked
     * @throws TidemarkException if that is no good
     */
    void begun(ResponseHeader header, String address, long sentNanos, int attempts);

    boolean hasRoom();

    /** Rows behind all that came before. */
    void rows(List<Row> rows, long bytes);

    /**
     * Nobody sends at present: others are tried.
     *
     * @param failure why
     */
    void broke(TidemarkException failure);

    /**
     * Once, at the end.
     *
     * @param failure null: that was all, or nobody wants more
     */
    void over(@Nullable TidemarkException failure);
}
