// SPDX-License-Identifier: Apache-2.0

/** Metrics of a client, by Micrometer. Needs {@code io.micrometer:micrometer-core}, which the SDK does not bring. */
@NullMarked
package io.tidemark.client.micrometer;

import org.jspecify.annotations.NullMarked;
