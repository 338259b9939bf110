// SPDX-License-Identifier: Apache-2.0

/** The kinds of servers that the tidemark command runs. */
@NullMarked
package io.tidemark.launcher.role;

import org.jspecify.annotations.NullMarked;
