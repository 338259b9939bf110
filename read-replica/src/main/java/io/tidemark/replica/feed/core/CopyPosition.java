// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import com.google.protobuf.ByteString;

/**
 * Where a copy can be gone on with, as the store keeps it beside its index. It is written after the rows that it follows, so it never
 * lies behind a gap.
 *
 * @param source the address of who holds the state that is copied
 * @param token the last that came with rows; empty: there is none
 */
record CopyPosition(String source, String token) {

    static final CopyPosition NONE = new CopyPosition("", "");

    private static final String SEPARATOR = "\n";

    ByteString encode() {
        return token.isEmpty() ? ByteString.EMPTY : ByteString.copyFromUtf8(source + SEPARATOR + token);
    }

    static CopyPosition decode(ByteString position) {
        String text = position.toStringUtf8();
        int end = text.indexOf(SEPARATOR);
        return end < 0 ? NONE : new CopyPosition(text.substring(0, end), text.substring(end + 1));
    }
}
