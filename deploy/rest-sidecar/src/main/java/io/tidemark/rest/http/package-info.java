// SPDX-License-Identifier: Apache-2.0

/** What HTTP says, taken apart strictly: targets, conditions, cache directives; and problems (RFC 9457), which every error is. */
@NullMarked
package io.tidemark.rest.http;

import org.jspecify.annotations.NullMarked;
