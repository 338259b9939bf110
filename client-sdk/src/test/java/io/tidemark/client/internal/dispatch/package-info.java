// SPDX-License-Identifier: Apache-2.0

/** The dispatcher against servers that tests play. */
@NullMarked
package io.tidemark.client.internal.dispatch;

import org.jspecify.annotations.NullMarked;
