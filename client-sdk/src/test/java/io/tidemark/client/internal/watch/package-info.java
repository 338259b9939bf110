// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.tidemark.client.internal.watch;

import org.jspecify.annotations.NullMarked;
