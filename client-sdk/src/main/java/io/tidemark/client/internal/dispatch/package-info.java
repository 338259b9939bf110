// SPDX-License-Identifier: Apache-2.0

/**
 * How a call reaches the server that should answer it. Above this package nobody knows of channels, attempts or routing; below
 * it nobody knows of tables, codecs or sessions.
 */
@NullMarked
package io.tidemark.client.internal.dispatch;

import org.jspecify.annotations.NullMarked;
