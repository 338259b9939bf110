// SPDX-License-Identifier: Apache-2.0

@NullMarked
package io.tidemark.replica;

import org.jspecify.annotations.NullMarked;
