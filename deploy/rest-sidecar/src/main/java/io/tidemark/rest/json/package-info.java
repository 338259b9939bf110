// SPDX-License-Identifier: Apache-2.0

/** The contract's messages as JSON, with the users' own JSON in them to the letter. */
@NullMarked
package io.tidemark.rest.json;

import org.jspecify.annotations.NullMarked;
