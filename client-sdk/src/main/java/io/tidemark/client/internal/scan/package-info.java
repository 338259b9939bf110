// SPDX-License-Identifier: Apache-2.0

/**
 * Scans: page by page, and as one stream that holds no more than a buffer in memory and goes on behind the last row when its server
 * is lost.
 */
@NullMarked
package io.tidemark.client.internal.scan;

import org.jspecify.annotations.NullMarked;
