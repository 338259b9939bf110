// SPDX-License-Identifier: Apache-2.0

/** The tidemark command: every role and the command line tools. */
@NullMarked
package io.tidemark.launcher;

import org.jspecify.annotations.NullMarked;
