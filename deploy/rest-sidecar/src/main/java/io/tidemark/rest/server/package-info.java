// SPDX-License-Identifier: Apache-2.0

/** The HTTP server around it all: limits, errors, health, metrics, the access log. */
@NullMarked
package io.tidemark.rest.server;

import org.jspecify.annotations.NullMarked;
