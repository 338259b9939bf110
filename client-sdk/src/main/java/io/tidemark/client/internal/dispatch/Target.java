// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

/** Which servers should answer a call. Any server answers any call, so this is about speed and load, not about whether. */
public sealed interface Target {

    /** Who serves the shard of this row, raft nodes as a last resort. */
    record OwnersOf(String table, String key) implements Target {}

    /** Who serves every shard: raft nodes, a replica only where it owns all. */
    record OwnersOfAll() implements Target {}

    /** The leader; another node forwards to it while it is not known. */
    record Leader() implements Target {}

    /** Any server, the one with the least to do. */
    record Anyone() implements Target {}
}
