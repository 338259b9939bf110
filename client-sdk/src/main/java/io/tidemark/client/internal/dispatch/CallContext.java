// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

/**
 * What a call carries beside its content.
 *
 * @param method the name that metrics, traces and exceptions call it by, such as {@code get}
 * @param deadlineNanos by the dispatcher's own monotonic clock, {@link Dispatcher#nanoTime}: nothing of the call outlives it
 * @param hedged whether a read may be sent to a second server when the first is slow
 */
public record CallContext(String method, long deadlineNanos, boolean hedged) {}
