// SPDX-License-Identifier: Apache-2.0

/** The limit that the REST sidecar is measured against: {@code verify/sidecar/run}. */
@NullMarked
package io.tidemark.verify.sidecar;

import org.jspecify.annotations.NullMarked;
