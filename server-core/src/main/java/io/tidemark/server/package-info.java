// SPDX-License-Identifier: Apache-2.0

/** What every server process shares: read services, freshness, feed serving, configuration, lifecycle. */
@NullMarked
package io.tidemark.server;

import org.jspecify.annotations.NullMarked;
