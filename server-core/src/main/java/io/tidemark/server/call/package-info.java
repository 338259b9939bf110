// SPDX-License-Identifier: Apache-2.0

/** What every call has, whatever it asks: who answers it, how errors are told, and the header of its answer. */
@NullMarked
package io.tidemark.server.call;

import org.jspecify.annotations.NullMarked;
