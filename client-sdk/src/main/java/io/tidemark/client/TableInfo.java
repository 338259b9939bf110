// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

/**
 * A table as it is made.
 *
 * @param name its name
 * @param settings its settings
 * @param dropping whether it is dropped, and its rows are being removed
 * @param createdIndex the index of the commit that made it
 * @param modifiedIndex the index of the commit that changed it last
 */
public record TableInfo(String name, TableSettings settings, boolean dropping, long createdIndex, long modifiedIndex) {}
