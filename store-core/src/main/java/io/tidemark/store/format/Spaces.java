// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.format;

import io.tidemark.store.engine.Retention;
import java.util.Map;

/**
 * The key spaces of a store. All of them live in one engine, so that one swap makes all of them durable together. Numbers are
 * part of the format on disk.
 */
public final class Spaces {

    /** The identity and the settings, each under a name of its own. */
    public static final int META = 0;

    /** Rows, by table and key. */
    public static final int ROWS = 1;

    /** Tables, by name. */
    public static final int TABLES = 2;

    /** The remembered requests, some that were settled together under the sequence number of the first. */
    public static final int REQUESTS = 3;

    /** The change index: what each commit above the horizon changed, by index. */
    public static final int COMMITS = 5;

    /** Rows that expire, by when. */
    public static final int EXPIRIES = 6;

    /** Digests as of the checkpoint, by shard. */
    public static final int DIGESTS = 7;

    /** The shards that a replica holds or copies. */
    public static final int SHARDS = 8;

    /** Rows that were deleted after the index of a copy that is still under way, by table and key. */
    public static final int GRAVES = 9;

    /** The registered replicas, by id. */
    public static final int REPLICAS = 10;

    /** What each keeps. Only what readers may ask as of an older index has history; the rest is the writer's own. */
    public static final Map<Integer, Retention> RETENTION = Map.of(
            META, Retention.LATEST,
            ROWS, Retention.VERSIONED,
            TABLES, Retention.VERSIONED,
            REQUESTS, Retention.LATEST,
            COMMITS, Retention.LOG,
            EXPIRIES, Retention.LATEST,
            DIGESTS, Retention.LATEST,
            SHARDS, Retention.LATEST,
            GRAVES, Retention.LATEST,
            REPLICAS, Retention.LATEST);

    private Spaces() {}
}
