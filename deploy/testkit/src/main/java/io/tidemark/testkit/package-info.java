// SPDX-License-Identifier: Apache-2.0

/** A small real cluster inside a test. */
@NullMarked
package io.tidemark.testkit;

import org.jspecify.annotations.NullMarked;
