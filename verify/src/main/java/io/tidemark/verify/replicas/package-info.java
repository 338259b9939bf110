// SPDX-License-Identifier: Apache-2.0

/** What reads from a replica cost and how fresh they are, measured on real processes: {@code verify/replicas/run}. */
@NullMarked
package io.tidemark.verify.replicas;

import org.jspecify.annotations.NullMarked;
