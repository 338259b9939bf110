// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

/**
 * What a server answered.
 *
 * @param <A> the message of the contract
 * @param sentNanos when the very attempt that was answered was sent, by {@link Dispatcher#nanoTime}: the staleness in the answer
 *     has grown by no more than the time since then
 * @param address who was asked, {@code host:port}; a server behind it may have done the work, as the header says
 * @param attempts how often the call was sent, this time included
 */
public record Answer<A>(A message, long sentNanos, String address, int attempts) {}
