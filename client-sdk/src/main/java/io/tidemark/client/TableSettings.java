// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The settings of a table. Immutable. */
public final class TableSettings {

    private static final TableSettings DEFAULTS = new TableSettings(null, null, null);

    private final @Nullable Duration defaultTtl;
    private final @Nullable Duration httpCacheAge;
    private final @Nullable Long maxValueBytes;

    private TableSettings(
            @Nullable Duration defaultTtl, @Nullable Duration httpCacheAge, @Nullable Long maxValueBytes) {
        this.defaultTtl = defaultTtl;
        this.httpCacheAge = httpCacheAge;
        this.maxValueBytes = maxValueBytes;
    }

    /** Rows never expire by themselves, caches outside keep nothing, values may be as large as the cluster allows. */
    public static TableSettings defaults() {
        return DEFAULTS;
    }

    /** How long rows live that are written without an expiry. */
    public TableSettings withDefaultTtl(Duration ttl) {
        Durations.requirePositive("default ttl", ttl);
        return new TableSettings(ttl, httpCacheAge, maxValueBytes);
    }

    /** Rows that are written without an expiry live for ever. */
    public TableSettings withoutDefaultTtl() {
        return new TableSettings(null, httpCacheAge, maxValueBytes);
    }

    /** For how long caches outside (browsers, CDNs) may keep answers about the table's rows. */
    public TableSettings withHttpCacheAge(Duration age) {
        Durations.requireNotNegative("http cache age", age);
        return new TableSettings(defaultTtl, age, maxValueBytes);
    }

    /** Caches outside may keep nothing. */
    public TableSettings withoutHttpCacheAge() {
        return new TableSettings(defaultTtl, null, maxValueBytes);
    }

    /** A lower limit on values than the cluster's. */
    public TableSettings withMaxValueBytes(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("max value bytes: " + bytes + " (expected: not negative)");
        }
        return new TableSettings(defaultTtl, httpCacheAge, bytes);
    }

    /** The cluster's limit on values. */
    public TableSettings withoutMaxValueBytes() {
        return new TableSettings(defaultTtl, httpCacheAge, null);
    }

    /** As {@link #withDefaultTtl}; empty: for ever. */
    public Optional<Duration> defaultTtl() {
        return Optional.ofNullable(defaultTtl);
    }

    /** As {@link #withHttpCacheAge}; empty: not at all. */
    public Optional<Duration> httpCacheAge() {
        return Optional.ofNullable(httpCacheAge);
    }

    /** As {@link #withMaxValueBytes}; empty: the cluster's. */
    public OptionalLong maxValueBytes() {
        return maxValueBytes == null ? OptionalLong.empty() : OptionalLong.of(maxValueBytes);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TableSettings that
                && Objects.equals(defaultTtl, that.defaultTtl)
                && Objects.equals(httpCacheAge, that.httpCacheAge)
                && Objects.equals(maxValueBytes, that.maxValueBytes);
    }

    @Override
    public int hashCode() {
        return Objects.hash(defaultTtl, httpCacheAge, maxValueBytes);
    }

    @Override
    public String toString() {
        return "TableSettings[default ttl " + defaultTtl + ", http cache age " + httpCacheAge + ", max value bytes "
                + maxValueBytes + "]";
    }
}
