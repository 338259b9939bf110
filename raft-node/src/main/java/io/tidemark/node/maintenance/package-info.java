// SPDX-License-Identifier: Apache-2.0

/** What operators ask of nodes: calls that act here, on a server that they name, or on the cluster by way of its leader. */
@NullMarked
package io.tidemark.node.maintenance;

import org.jspecify.annotations.NullMarked;
