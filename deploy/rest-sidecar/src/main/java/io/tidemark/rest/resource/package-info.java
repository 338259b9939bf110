// SPDX-License-Identifier: Apache-2.0

/** Applications' own REST resources over tables, by configuration. */
@NullMarked
package io.tidemark.rest.resource;

import org.jspecify.annotations.NullMarked;
