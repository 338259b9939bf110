// SPDX-License-Identifier: Apache-2.0

/** Passes calls on to other servers, and tells what is certain about those that failed. */
@NullMarked
package io.tidemark.server.forward;

import org.jspecify.annotations.NullMarked;
