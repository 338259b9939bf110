// SPDX-License-Identifier: Apache-2.0

/** The commands that look at a cluster and change what it is made of: tables, nodes, replicas. */
@NullMarked
package io.tidemark.launcher.cli.cluster;

import org.jspecify.annotations.NullMarked;
