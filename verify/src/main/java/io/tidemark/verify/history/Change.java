// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

/** A change of one row, as the watch told it. */
public record Change(long index, String key, String value, long version) {}
