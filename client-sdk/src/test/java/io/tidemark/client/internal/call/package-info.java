// SPDX-License-Identifier: Apache-2.0

/** What every call shares above the dispatcher: its deadline, its session, and how its result reaches the user. */
@NullMarked
package io.tidemark.client.internal.call;

import org.jspecify.annotations.NullMarked;
