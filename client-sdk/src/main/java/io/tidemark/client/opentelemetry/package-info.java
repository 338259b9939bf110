// SPDX-License-Identifier: Apache-2.0

/** Traces of a client, by OpenTelemetry. Needs {@code io.opentelemetry:opentelemetry-api}, which the SDK does not bring. */
@NullMarked
package io.tidemark.client.opentelemetry;

import org.jspecify.annotations.NullMarked;
