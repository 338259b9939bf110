// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.proto.v1.Value;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;

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

    /** What is gathered before it is digested: one call for many small parts is a good deal cheaper than one for each. */
    private static final int GATHERED_BYTES = 4 << 10;

    /** Whoever digests has one, to be begun anew for each request. */
    private static final ThreadLocal<ContentDigest> OF_THREAD = ThreadLocal.withInitial(ContentDigest::new);

    private final MessageDigest sha256 = newSha256();
    private final ByteBuffer gathered = ByteBuffer.allocate(GATHERED_BYTES);

    private ContentDigest() {}

    static ByteString of(String command, Message request) {
        return OF_THREAD.get().digest(command, request, true);
    }

    /** The same without the short cut for what most requests are. */
    static ByteString ofAny(String command, Message request) {
        return OF_THREAD.get().digest(command, request, false);
    }

    private ByteString digest(String command, Message request, boolean quickly) {
        sha256.reset();
        gathered.clear();
        write(command);
        if (quickly && request instanceof CommitRequest commit && isOfPuts(commit)) {
            writeCommit(commit);
        } else {
            write(request);
        }
        flush();
        return ByteString.copyFrom(sha256.digest(), 0, BYTES);
    }

    /** Whether a commit holds nothing but what {@link #writeCommit} writes. */
    private static boolean isOfPuts(CommitRequest commit) {
        if (!KnownPuts.isPlain(commit)) {
            return false;
        }
        for (int i = 0; i < commit.getMutationsCount(); i++) {
            if (!KnownPuts.isPlainPut(commit.getMutations(i))) {
                return false;
            }
        }
        return true;
    }

    /** As {@link #write(Message)} does it, without asking each message for a map of its fields. */
    private void writeCommit(CommitRequest commit) {
        if (commit.getMutationsCount() > 0) {
            write(CommitRequest.MUTATIONS_FIELD_NUMBER);
            write(commit.getMutationsCount());
        }
        for (int i = 0; i < commit.getMutationsCount(); i++) {
            Mutation mutation = commit.getMutations(i);
            writeText(Mutation.TABLE_FIELD_NUMBER, mutation.getTable());
            writeOne(Mutation.PUT_FIELD_NUMBER);
            writeText(PutMutation.KEY_FIELD_NUMBER, mutation.getPut().getKey());
            writeOne(PutMutation.VALUE_FIELD_NUMBER);
            Value value = mutation.getPut().getValue();
            writeOne(Value.BYTES_FIELD_NUMBER);
            writeValue(value.getBytes());
            writeText(Value.CONTENT_TYPE_FIELD_NUMBER, value.getContentType());
            // The ends of value, put and mutation.
            write(0L);
            write(0L);
            write(0L);
        }
        write(0L);
    }

    private void writeOne(int number) {
        write(number);
        write(1);
    }

    /** Text that is empty is not set. */
    private void writeText(int number, String text) {
        if (!text.isEmpty()) {
            writeOne(number);
            write(text);
        }
    }

    private static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("no SHA-256 (expected: in every Java platform)", e);
        }
    }

    private void write(Message message) {
        int before = 0;
        for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
            int number = field.getKey().getNumber();
            if (number <= before) {
                throw new IllegalStateException("field " + number + " after " + before + " (expected: in order)");
            }
            before = number;
            write(number);
            if (field.getKey().isRepeated()) {
                List<?> values = (List<?>) field.getValue();
                write(values.size());
                values.forEach(this::writeValue);
            } else {
                write(1);
                writeValue(field.getValue());
            }
        }
        write(0L);
    }

    private void writeValue(Object value) {
        if (value instanceof Message message) {
            write(message);
        } else if (value instanceof String text) {
            write(text);
        } else if (value instanceof ByteString bytes) {
            write(bytes.size());
            gather(bytes);
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

    private void write(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        write(bytes.length);
        gather(ByteBuffer.wrap(bytes));
    }

    private void write(long value) {
        if (gathered.remaining() < Long.BYTES) {
            flush();
        }
        gathered.putLong(value);
    }

    private void gather(ByteString bytes) {
        if (gathered.remaining() < bytes.size()) {
            flush();
        }
        if (bytes.size() <= gathered.remaining()) {
            bytes.copyTo(gathered);
        } else {
            bytes.asReadOnlyByteBufferList().forEach(this::gather);
        }
    }

    private void gather(ByteBuffer bytes) {
        if (gathered.remaining() < bytes.remaining()) {
            flush();
        }
        if (bytes.remaining() <= gathered.remaining()) {
            gathered.put(bytes);
        } else {
            sha256.update(bytes);
        }
    }

    private void flush() {
        sha256.update(gathered.flip());
        gathered.clear();
    }
}
