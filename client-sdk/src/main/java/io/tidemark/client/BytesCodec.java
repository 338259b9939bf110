// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

/** Bytes as they are. */
final class BytesCodec implements Codec<byte[]> {

    static final BytesCodec INSTANCE = new BytesCodec();

    private BytesCodec() {}

    @Override
    public String contentType() {
        return "application/octet-stream";
    }

    /** A copy, for the caller may go on using the array while it is being sent. */
    @Override
    public byte[] encode(byte[] value) {
        return value.clone();
    }

    @Override
    public byte[] decode(byte[] bytes, String contentType) {
        return bytes;
    }
}
