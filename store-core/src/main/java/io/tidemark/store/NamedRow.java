// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store;

/** A row with its name, as a range lookup gives it. */
public record NamedRow(RowName name, StoredRow row) {}
