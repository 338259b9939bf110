// SPDX-License-Identifier: Apache-2.0

/**
 * What a server tells about itself in numbers. Whoever has something to count takes the {@link
 * io.micrometer.core.instrument.MeterRegistry}, registers its meters once under names that begin with {@code tidemark.}, and
 * describes them in docs/metrics.md.
 */
@NullMarked
package io.tidemark.server.metrics;

import org.jspecify.annotations.NullMarked;
