// SPDX-License-Identifier: Apache-2.0

@NullMarked
package io.tidemark.replica.feed.core;

import org.jspecify.annotations.NullMarked;
