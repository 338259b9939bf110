// SPDX-License-Identifier: Apache-2.0

/** What the contract's calls are over HTTP: rows as their own bodies, everything else transcoded. */
@NullMarked
package io.tidemark.rest.kv;

import org.jspecify.annotations.NullMarked;
