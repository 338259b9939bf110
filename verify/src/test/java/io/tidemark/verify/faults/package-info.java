// SPDX-License-Identifier: Apache-2.0

/** Clusters of real processes, and what is done to them: kills, pauses, empty disks, rubbish on their ports. */
@NullMarked
package io.tidemark.verify.faults;

import org.jspecify.annotations.NullMarked;
