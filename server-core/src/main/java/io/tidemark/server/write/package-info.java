// SPDX-License-Identifier: Apache-2.0

/** Where writes go: what nodes and replicas have in common of it. */
@NullMarked
package io.tidemark.server.write;

import org.jspecify.annotations.NullMarked;
