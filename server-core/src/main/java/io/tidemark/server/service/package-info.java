// SPDX-License-Identifier: Apache-2.0

/**
 * The services that clients call, the same on nodes and on replicas. {@link io.tidemark.server.service.KeyValueService} and {@link
 * io.tidemark.server.service.ClusterService} answer reads from the local state and pass everything else on.
 */
@NullMarked
package io.tidemark.server.service;

import org.jspecify.annotations.NullMarked;
