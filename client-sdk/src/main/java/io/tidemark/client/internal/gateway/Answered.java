// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.gateway;

import io.tidemark.client.Header;

/**
 * What a server answered.
 *
 * @param message as the contract has it
 * @param header what it says of itself, with the time that has passed since it was asked for
 */
public record Answered<A>(A message, Header header) {}
