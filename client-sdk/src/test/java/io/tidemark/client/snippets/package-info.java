// SPDX-License-Identifier: Apache-2.0

/** The code that Javadoc and docs/sdk.md show. It is compiled and run here, and compared with what they show. */
@NullMarked
package io.tidemark.client.snippets;

import org.jspecify.annotations.NullMarked;
