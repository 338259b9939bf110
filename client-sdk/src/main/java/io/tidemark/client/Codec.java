// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

/**
 * Turns values into bytes and back. For any thread.
 *
 * <p>What it throws reaches the caller as {@link CodecException}.
 */
public interface Codec<V> {

    /** The media type that values are written with, such as {@code application/json}. */
    String contentType();

    /** The bytes of a value. Nobody may change the array afterwards. */
    byte[] encode(V value) throws Exception;

    /**
     * The value of bytes that were once written, by this codec or otherwise.
     *
     * @param contentType the media type that they were written with
     */
    V decode(byte[] bytes, String contentType) throws Exception;

    /** Text in UTF-8, as {@code text/plain}. Bytes that are not UTF-8 are refused. */
    static Codec<String> string() {
        return StringCodec.PLAIN;
    }

    /** JSON as the text that it is, to the letter, as {@code application/json}. What is written is not checked. */
    static Codec<String> json() {
        return StringCodec.JSON;
    }

    /** Bytes as they are, as {@code application/octet-stream}. */
    static Codec<byte[]> bytes() {
        return BytesCodec.INSTANCE;
    }
}
