// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import com.google.protobuf.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Collects what a result tells, by name and in order, for output to programs. What is not known is left out. Of one thread. */
public final class Fields {

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final Map<String, Object> values = new LinkedHashMap<>();

    private Fields() {}

    public static Fields of() {
        return new Fields();
    }

    /**
     * Adds one.
     *
     * @param value text, a number, a boolean, a list or a map of these, or a {@link JsonText}; null: it is not known
     */
    public Fields with(String name, @Nullable Object value) {
        if (value != null) {
            values.put(name, value);
        }
        return this;
    }

    /** Text that may be empty, which means that it is not known. */
    public Fields withText(String name, String text) {
        return with(name, text.isEmpty() ? null : text);
    }

    public Fields with(String name, @Nullable Instant time) {
        return with(name, time == null ? null : time.toString());
    }

    public Fields with(String name, @Nullable Timestamp time) {
        return with(name, time == null ? null : Instant.ofEpochSecond(time.getSeconds(), time.getNanos()));
    }

    /** A duration, as a number of milliseconds: its name should end in {@code _ms}. */
    public Fields withMillis(String name, @Nullable Duration duration) {
        if (duration == null) {
            return this;
        }
        long nanos = duration.toNanos();
        return nanos % NANOS_PER_MILLI == 0
                ? with(name, nanos / NANOS_PER_MILLI)
                : with(name, nanos / (double) NANOS_PER_MILLI);
    }

    /** Adds all of others. */
    public Fields withAll(Fields others) {
        values.putAll(others.values);
        return this;
    }

    public Map<String, Object> toMap() {
        return Collections.unmodifiableMap(values);
    }
}
