// SPDX-License-Identifier: Apache-2.0

/** HTTP and JSON over the client SDK. */
@NullMarked
package io.tidemark.rest;

import org.jspecify.annotations.NullMarked;
