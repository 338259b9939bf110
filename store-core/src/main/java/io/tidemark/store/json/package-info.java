// SPDX-License-Identifier: Apache-2.0

/**
 * JSON as bytes. Merge patches change the text of a document only where the patch says so, and what is written depends on
 * nothing but the rules stated here: no library whose next version might spell a number otherwise.
 *
 * <p>{@link io.tidemark.store.json.MergePatch} states the rules of a patch, {@link io.tidemark.store.json.JsonValueText} how
 * a JSON value without text gets one, {@link io.tidemark.store.json.JsonTextValue} the way back, {@link io.tidemark.store.json.JsonReader} what counts as JSON.
 */
@NullMarked
package io.tidemark.store.json;

import org.jspecify.annotations.NullMarked;
