// SPDX-License-Identifier: Apache-2.0

/** Tests of values as JSON. */
@NullMarked
package io.tidemark.client.jackson;

import org.jspecify.annotations.NullMarked;
