// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A digest of what a request asks for, by which a retry is told from another request of the same id: the first 16 bytes of
 * SHA-256 over the name of the command and its normalised request.
 *
 * <p>A message is written as its set fields in the order of their numbers, each as its number, how many values follow, and
 * the values; then a zero. Numbers, enums and booleans take eight bytes, big-endian; strings and bytes their length, in eight
 * bytes, and their bytes (UTF-8). How protobuf would serialise them plays no part, and neither do fields that this software
 * does not know.
 */
final class ContentDigest {

    private static final int BYTES = 16;

    private final MessageDigest sha256;

    /** A number on its way: one call for all its bytes, which is a good deal cheaper than one for each. */
    private final ByteBuffer number = ByteBuffer.allocate(Long.BYTES);

    private ContentDigest(MessageDigest sha256) {
        this.sha256 = sha256;
    }

    static ByteString of(String command, Message request) {
        ContentDigest digest = new ContentDigest(newSha256());
        digest.write(command.getBytes(StandardCharsets.UTF_8));
        digest.write(request);
        return ByteString.copyFrom(digest.sha256.digest(), 0, BYTES);
    }

    private static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("no SHA-256 (expected: in every Java platform)", e);
        }
    }

    private void write(Message message) {
        Map<Integer, Map.Entry<FieldDescriptor, Object>> fields = new TreeMap<>();
        message.getAllFields()
                .entrySet()
                .forEach(field -> fields.put(field.getKey().getNumber(), field));
        for (Map.Entry<FieldDescriptor, Object> field : fields.values()) {
            List<?> values = field.getKey().isRepeated() ? (List<?>) field.getValue() : List.of(field.getValue());
            write(field.getKey().getNumber());
            write(values.size());
            values.forEach(this::writeValue);
        }
        write(0L);
    }

    private void writeValue(Object value) {
        if (value instanceof Message message) {
            write(message);
        } else if (value instanceof String text) {
            write(text.getBytes(StandardCharsets.UTF_8));
        } else if (value instanceof ByteString bytes) {
            write(bytes.size());
            bytes.asReadOnlyByteBufferList().forEach(sha256::update);
        } else if (value instanceof EnumValueDescriptor constant) {
            write(constant.getNumber());
        } else if (value instanceof Boolean flag) {
            write(flag ? 1L : 0L);
        } else if (value instanceof Double number) {
            write(Double.doubleToLongBits(number));
        } else {
            write(((Number) value).longValue());
        }
    }

    private void write(byte[] bytes) {
        write(bytes.length);
        sha256.update(bytes);
    }

    private void write(long value) {
        sha256.update(number.putLong(0, value).array());
    }
}
