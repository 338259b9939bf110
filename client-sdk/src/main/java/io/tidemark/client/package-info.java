// SPDX-License-Identifier: Apache-2.0

/** The Java SDK. */
@NullMarked
package io.tidemark.client;

import org.jspecify.annotations.NullMarked;
