// SPDX-License-Identifier: Apache-2.0

/** Violations of each rule, for the test that the rules find them. Nothing uses these classes. */
@NullMarked
package io.tidemark.verify.architecture.planted;

import org.jspecify.annotations.NullMarked;
