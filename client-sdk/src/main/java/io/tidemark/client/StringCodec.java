// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Text in UTF-8. What is no text is refused both ways: replacement characters would lose what was there. */
final class StringCodec implements Codec<String> {

    static final StringCodec PLAIN = new StringCodec("text/plain");
    static final StringCodec JSON = new StringCodec("application/json");

    private final String contentType;

    private StringCodec(String contentType) {
        this.contentType = contentType;
    }

    @Override
    public String contentType() {
        return contentType;
    }

    @Override
    public byte[] encode(String value) throws CharacterCodingException {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        if (hasSurrogates(value)) {
            StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(value));
        }
        return bytes;
    }

    @Override
    public String decode(byte[] bytes, String contentType) throws CharacterCodingException {
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (text.indexOf('\uFFFD') >= 0) {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
        }
        return text;
    }

    /** An unpaired one would be written as a question mark; text without surrogates holds none. */
    private static boolean hasSurrogates(String value) {
        for (int i = 0; i < value.length(); i++) {
            if (Character.isSurrogate(value.charAt(i))) {
                return true;
            }
        }
        return false;
    }
}
