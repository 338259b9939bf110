// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import io.tidemark.client.Codec;

/**
 * Values as the bytes that they are.
 *
 * @param contentType what they are written with; what is read keeps its own
 */
public record RawCodec(String contentType) implements Codec<byte[]> {

    /** For reading, and for writes that carry no value. */
    public static final RawCodec READING = new RawCodec("application/octet-stream");

    @Override
    public byte[] encode(byte[] value) {
        return value;
    }

    @Override
    public byte[] decode(byte[] bytes, String contentType) {
        return bytes;
    }
}
