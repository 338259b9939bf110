// SPDX-License-Identifier: Apache-2.0

/** Records and plain objects as JSON, by Jackson 3. Needs {@code tools.jackson.core:jackson-databind}, which the SDK does not bring. */
@NullMarked
package io.tidemark.client.jackson;

import org.jspecify.annotations.NullMarked;
