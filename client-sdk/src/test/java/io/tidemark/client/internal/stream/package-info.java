// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.tidemark.client.internal.stream;

import org.jspecify.annotations.NullMarked;
