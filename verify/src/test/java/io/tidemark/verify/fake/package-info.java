// SPDX-License-Identifier: Apache-2.0

/** A server that is quick to start and easy to break, to test the harness itself. */
@NullMarked
package io.tidemark.verify.fake;

import org.jspecify.annotations.NullMarked;
