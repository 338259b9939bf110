// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.store.LogTime;
import io.tidemark.store.state.Store;
import org.jspecify.annotations.Nullable;

/** Makes the headers of answers. A write proves nothing about staleness, so they say none. */
@FunctionalInterface
public interface AnswerHeaders {

    /**
     * The header of an answer that is being made.
     *
     * @param store that the write was carried out in
     * @param readIndex the index of the commit, or at which the write was judged
     * @param readTime the log time of that index; null: not known
     */
    ResponseHeader of(Store store, long readIndex, @Nullable LogTime readTime);
}
