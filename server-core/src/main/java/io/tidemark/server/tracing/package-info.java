// SPDX-License-Identifier: Apache-2.0

/**
 * Spans of calls, on the API of OpenTelemetry alone. Who is not asked to trace installs none of it, and a call costs nothing
 * then.
 */
@NullMarked
package io.tidemark.server.tracing;

import org.jspecify.annotations.NullMarked;
