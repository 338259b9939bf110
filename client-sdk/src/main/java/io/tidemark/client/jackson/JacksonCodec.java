// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.jackson;

import io.tidemark.client.Codec;
import java.util.Objects;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/**
 * Values as JSON, by Jackson. For any thread.
 *
 * <!-- snippet jackson -->
 * <pre>{@code
 * Table<User> users = client.table("users", JacksonCodec.of(User.class));
 * users.put("ann", new User("Ann", 1));
 * User ann = users.get("ann").value().orElseThrow();
 * }</pre>
 */
public final class JacksonCodec<V> implements Codec<V> {

    /** Members that a class does not know are passed over, so that rows can gain some while older programs still run. */
    private static final JsonMapper TOLERANT = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final ObjectReader reader;
    private final ObjectWriter writer;

    private JacksonCodec(JsonMapper mapper, JavaType type) {
        this.reader = mapper.readerFor(type);
        this.writer = mapper.writerFor(type);
    }

    /** Values of a record or a class, by a mapper with Jackson's defaults that passes over members which it does not know. */
    public static <V> JacksonCodec<V> of(Class<V> type) {
        return of(type, TOLERANT);
    }

    /** Values of a record or a class, by a mapper of one's own. */
    public static <V> JacksonCodec<V> of(Class<V> type, JsonMapper mapper) {
        Objects.requireNonNull(type, "type");
        return new JacksonCodec<>(mapper, mapper.constructType(type));
    }

    /** Values of a generic type, by a mapper with Jackson's defaults that passes over members which it does not know. */
    public static <V> JacksonCodec<V> of(TypeReference<V> type) {
        return of(type, TOLERANT);
    }

    /** Values of a generic type, by a mapper of one's own. */
    public static <V> JacksonCodec<V> of(TypeReference<V> type, JsonMapper mapper) {
        Objects.requireNonNull(type, "type");
        return new JacksonCodec<>(mapper, mapper.constructType(type));
    }

    @Override
    public String contentType() {
        return "application/json";
    }

    @Override
    public byte[] encode(V value) {
        return writer.writeValueAsBytes(value);
    }

    /** The content type does not matter: rows written as text, by a command line or a sidecar, are JSON as well. */
    @Override
    public V decode(byte[] bytes, String contentType) {
        V value = reader.readValue(bytes);
        if (value == null) {
            throw new IllegalArgumentException("null (expected: a value; delete the row instead of writing null)");
        }
        return value;
    }
}
