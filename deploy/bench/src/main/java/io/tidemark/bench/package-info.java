// SPDX-License-Identifier: Apache-2.0

/** The load generator, on the client SDK. */
@NullMarked
package io.tidemark.bench;

import org.jspecify.annotations.NullMarked;
