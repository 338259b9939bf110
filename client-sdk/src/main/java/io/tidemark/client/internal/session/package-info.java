// SPDX-License-Identifier: Apache-2.0

/** How far a session has seen, behind {@code io.tidemark.client.Session}. */
@NullMarked
package io.tidemark.client.internal.session;

import org.jspecify.annotations.NullMarked;
