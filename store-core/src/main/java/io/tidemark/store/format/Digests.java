// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.format;

import io.tidemark.store.digest.Digest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The digests of a shard's buckets: for each its two halves and its count of rows, eight bytes each. */
public final class Digests {

    private static final int DIGEST_BYTES = 3 * Long.BYTES;

    private Digests() {}

    public static byte[] encode(List<Digest> buckets) {
        ByteBuffer bytes = ByteBuffer.allocate(buckets.size() * DIGEST_BYTES);
        for (Digest digest : buckets) {
            bytes.putLong(digest.high()).putLong(digest.low()).putLong(digest.rowCount());
        }
        return bytes.array();
    }

    public static List<Digest> decode(byte[] value) {
        ByteBuffer bytes = ByteBuffer.wrap(value);
        List<Digest> buckets = new ArrayList<>(value.length / DIGEST_BYTES);
        while (bytes.hasRemaining()) {
            buckets.add(new Digest(bytes.getLong(), bytes.getLong(), bytes.getLong()));
        }
        return buckets;
    }
}
