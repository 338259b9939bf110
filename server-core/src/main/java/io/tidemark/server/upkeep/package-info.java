// SPDX-License-Identifier: Apache-2.0

/**
 * What operators ask of one server, node or replica alike, beneath the {@code Maintenance} service: how it is doing, backups,
 * digests and checkpoints of its own store.
 */
@NullMarked
package io.tidemark.server.upkeep;

import org.jspecify.annotations.NullMarked;
