// SPDX-License-Identifier: Apache-2.0
package io.tidemark.api;

/**
 * The names in {@code google.rpc.ErrorInfo.metadata}: each value has one, whichever server and reason tell it. They are a part of
 * the contract; {@code docs/wire-contract.md} says which reason comes with which.
 */
public final class ErrorMetadata {

    // Who and where.

    /** The server that says so. */
    public static final String SERVED_BY = "served_by";
    /** A server that was tried. */
    public static final String ADDRESS = "address";
    /** The node or replica that was named. */
    public static final String SERVER_ID = "server_id";
    /** The node that it is about; several are separated by a comma and a space. */
    public static final String NODE_ID = "node_id";
    /** The node that is there instead. */
    public static final String ACTUAL_NODE_ID = "actual_node_id";
    /** Who leads, as far as the server knows. */
    public static final String LEADER_ID = "leader_id";

    /** The start of a replica that it is about. */
    public static final String INCARNATION_ID = "incarnation_id";

    public static final String TERM = "term";
    public static final String INTERNAL_ADDRESS = "internal_address";
    public static final String RAFT_ADDRESS = "raft_address";

    // What was asked, and what is.

    /** An index. */
    public static final String ASKED = "asked";
    /** The index that is. */
    public static final String ACTUAL = "actual";

    public static final String ASKED_TIME = "asked_time";
    public static final String ASKED_TERM = "asked_term";
    public static final String ACTUAL_TERM = "actual_term";
    public static final String ASKED_EPOCH = "asked_epoch";
    public static final String ACTUAL_EPOCH = "actual_epoch";
    public static final String ASKED_CLUSTER_ID = "asked_cluster_id";
    public static final String ACTUAL_CLUSTER_ID = "actual_cluster_id";
    public static final String ASKED_HISTORY_ID = "asked_history_id";
    public static final String ACTUAL_HISTORY_ID = "actual_history_id";
    /** The disk that a replica has. */
    public static final String ASKED_DISK_ID = "asked_disk_id";
    /** The disk that it is registered with. */
    public static final String ACTUAL_DISK_ID = "actual_disk_id";

    public static final String UNMET = "unmet";

    // Where in history.

    public static final String HISTORY_ID = "history_id";
    public static final String APPLIED = "applied";
    public static final String READ_INDEX = "read_index";
    public static final String EVALUATED_INDEX = "evaluated_index";
    public static final String SETTLED_INDEX = "settled_index";
    public static final String THROUGH_INDEX = "through_index";
    public static final String NEWEST = "newest";
    public static final String SERVER_HORIZON = "server_horizon";
    public static final String CLUSTER_HORIZON = "cluster_horizon";
    public static final String LOG_TIME = "log_time";

    // Of writes.

    public static final String REQUEST_ID = "request_id";
    public static final String FIRST_SENT_INDEX = "first_sent_index";
    public static final String WINDOW_FLOOR_INDEX = "window_floor_index";
    /** {@code true} where an earlier attempt was settled so. */
    public static final String REPLAYED = "replayed";

    public static final String DELTA = "delta";

    // What it is about.

    public static final String TABLE = "table";
    public static final String KEY = "key";
    public static final String VALUE_FORM = "value_form";
    /** The path of a field of the request. */
    public static final String FIELD = "field";

    public static final String DESCRIPTION = "description";
    /** What is too large. */
    public static final String WHAT = "what";

    public static final String SHARD_COUNT = "shard_count";
    public static final String OPERATION = "operation";
    /** The other operation. */
    public static final String UNDER_WAY = "under_way";

    public static final String FILE = "file";
    public static final String OFFSET = "offset";
    public static final String INCIDENT = "incident";

    // Why.

    /** What is wrong with what was given. */
    public static final String PROBLEM = "problem";
    /** What the failure came from. */
    public static final String CAUSE = "cause";

    // How many, how much, how long.

    public static final String SIZE = "size";
    /** The most that is allowed. */
    public static final String LIMIT = "limit";
    /** How many wait already. */
    public static final String WAITING = "waiting";

    public static final String HOPS = "hops";
    public static final String NODES = "nodes";
    /** How many of them work. */
    public static final String WORKING = "working";
    /** How many must work; or how many bytes. */
    public static final String NEEDED = "needed";
    /** How many bytes. */
    public static final String FREE = "free";
    /** How long to wait, as {@code RetryInfo} says. */
    public static final String RETRY_DELAY_MS = "retry_delay_ms";
    /** For how long nothing was taken. */
    public static final String STALLED_MS = "stalled_ms";

    /** For how long nothing was heard. */
    public static final String SILENT_MS = "silent_ms";

    private ErrorMetadata() {}
}
