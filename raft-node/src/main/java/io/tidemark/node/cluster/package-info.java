// SPDX-License-Identifier: Apache-2.0

/**
 * Who is in the cluster: the topology that is told to everybody, and the changes of who votes. Nothing here sees Ratis, a clock or a
 * thread; what others say comes through {@link io.tidemark.node.cluster.Inquiries}.
 */
@NullMarked
package io.tidemark.node.cluster;

import org.jspecify.annotations.NullMarked;
