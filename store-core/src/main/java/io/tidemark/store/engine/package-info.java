// SPDX-License-Identifier: Apache-2.0

/**
 * The engine: row versions on one machine. Start at {@link io.tidemark.store.engine.Engine}.
 *
 * <h2>How it fits together</h2>
 *
 * <p>A small log-structured tree. A commit goes into the memtable, a sorted map on the heap. When the memtable is full, or
 * a checkpoint is asked for, it is frozen and a background thread writes it as a table: an immutable MapDB {@code
 * SortedTableMap} file. Another thread merges tables, so that reads meet few of them and dropped versions give their room
 * back. MapDB's mutable stores do not survive a crash and do not age well; its immutable table does both. Its format
 * is written by {@code PageWriter} and read in place by {@code TablePlace}, because MapDB's own writer and reader copy each
 * row several times. Scrub reads each table with MapDB's reader too, and compares. Only this package sees MapDB.
 *
 * <p>A reader never waits. It holds a {@code Version}, an immutable list of memtables and tables, by a reference count,
 * and reads at an index; rows above that index are passed over. The writer publishes a commit by one volatile store of
 * the applied index after all of its rows. The last holder of a table unmaps it at once, so that deleted files give their
 * disk space back without waiting for the garbage collector; every call and cursor counts as a holder while it runs, since
 * access to unmapped memory would end the process. Where a virtual machine cannot unmap, the collector does.
 *
 * <h2>Order</h2>
 *
 * <p>Encoded keys are {@code space | escaped key | 00 00 | ~index}, so all versions of a key stand together, the newest
 * first, and {@code get(key, i)} is one ceiling search for {@code key | ~i} in each source. Sources are ordered by age: of
 * one key, a newer source holds only newer versions (or, while a compaction is half way, the same), so the first hit wins. Tables that cannot hold the key are skipped by
 * range, least index and bloom filter. Compaction keeps the order because it moves whole tables, all of level 0 at a time,
 * and cuts its outputs between keys. It is published in steps: outputs replace the inputs of the target level that have been
 * passed, while the inputs from above stay to the end ({@code Compaction} tells why no reader notices).
 *
 * <h2>Files</h2>
 *
 * <ul>
 *   <li>{@code t-n.stm}: a table. Pages of 256 KiB or 1 MiB, the last one cut short; each begins with a directory of its nodes. A node is 16 rows
 *       (4 when rows are large): a block of keys with their common prefix taken out, a block of values, each with offsets
 *       and a CRC32C. Values above 8 KiB are split into chunk rows, so a node always fits a page, which MapDB requires but
 *       only asserts.
 *   <li>{@code t-n.aux}: its footer. Bloom filter over keys, counts, ranges of keys and indexes, the checksums of the page
 *       directories and of the whole table, and how many bytes die at which horizon.
 *   <li>{@code MANIFEST-g}: a durable state: its tables, the index, position and horizon that belong to exactly them, and
 *       what each space keeps. Written twice, as g and g + 1.
 *   <li>{@code CURRENT}: the generation in force. {@code LOCK}: held while open. Anything else is an orphan and is deleted
 *       at open.
 * </ul>
 *
 * <p>Blocks and page directories are checked when a reader first touches them, and always by compaction and scrub.
 * Footers, manifests and CURRENT are checked whole when they are read. A damaged manifest or CURRENT is replaced by its
 * twin; any other damage is a {@link io.tidemark.store.engine.CorruptionException} with the file's name.
 *
 * <h2>A checkpoint, step by step</h2>
 *
 * <ol>
 *   <li>Freeze the memtable with index and position: the only step that the writer waits for.
 *   <li>Write the table, fsync; write the footer, fsync.
 *   <li>Write both manifests and the new CURRENT under other names, fsync each, then fsync the directory: from here every
 *       file that the new state needs is durable under its name, and nothing refers to it yet.
 *   <li>Rename CURRENT, fsync the directory: the state is in force. Before this a crash gives the old state, after it the
 *       new one, and both are whole.
 *   <li>Publish the version, complete the future, delete what the old state alone used.
 * </ol>
 *
 * <p>A failure before the rename deletes what was written and leaves the old state in force. A failure of the rename or of
 * the fsync after it leaves unknown which state a crash would find, so the files of both stay until a later swap
 * succeeds. Everything is written through channels: a full disk is an error, not a signal. A file that failed to sync is
 * never synced again but written anew under another number, and so are tables whose names were given before the directory
 * failed to sync. An open syncs the directory before it reports a state, since the last process may have ended just after
 * the rename.
 *
 * <h2>Horizon and space</h2>
 *
 * <p>The horizon decides what is readable; what was already dropped never shows. Compaction drops by the lesser of the
 * horizon and the durable index, because after a crash the state is that of the durable index. Space stays bounded by two
 * rules on top of the levels: a table more than a quarter of which is dead is rewritten or pushed down, and rows above the
 * last level that may shadow more than a quarter of it (counted as rows and as bytes) are merged into it. Each rule, and each
 * level beyond its size, has a score, and the highest goes first.
 */
@NullMarked
package io.tidemark.store.engine;

import org.jspecify.annotations.NullMarked;
