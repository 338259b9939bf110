// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.kv;

import io.tidemark.client.Codec;

/**
 * Bytes as they are, written with the media type that their sender gave.
 *
 * @param contentType as it was given, with its parameters
 */
public record RawCodec(String contentType) implements Codec<byte[]> {

    @Override
    public byte[] encode(byte[] value) {
        return value;
    }

    @Override
    public byte[] decode(byte[] bytes, String ofType) {
        return bytes;
    }
}
