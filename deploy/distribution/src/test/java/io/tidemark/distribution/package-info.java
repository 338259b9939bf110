// SPDX-License-Identifier: Apache-2.0

/**
 * Holds what is shipped beside the code (the archive, image, Compose, Kubernetes and monitoring) against the code. {@link
 * io.tidemark.distribution.SourceTree} says where it all is.
 */
@NullMarked
package io.tidemark.distribution;

import org.jspecify.annotations.NullMarked;
