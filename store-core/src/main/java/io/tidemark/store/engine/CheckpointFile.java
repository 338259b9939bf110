// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

/**
 * A file of a checkpoint.
 *
 * @param name without a directory
 * @param crc32c of the whole file as it was once written: a copy with this checksum is right, whatever has become of the
 *     file that it was read from
 */
public record CheckpointFile(String name, long bytes, int crc32c) {}
