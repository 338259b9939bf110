// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.failure;

/** What a failed attempt leaves to do. */
public enum Verdict {
    /** Another attempt would end the same way. */
    FINAL,
    /** Another server may do better, at once. */
    ELSEWHERE,
    /** Another attempt may do better, after a pause. */
    LATER
}
