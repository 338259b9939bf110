// SPDX-License-Identifier: Apache-2.0

/** The OpenAPI document, made from the contract, and a page to read it. */
@NullMarked
package io.tidemark.rest.openapi;

import org.jspecify.annotations.NullMarked;
