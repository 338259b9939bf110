// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import org.jspecify.annotations.Nullable;

/** What one command did: its outcome, its commit if it made one, and the change of request ids if it is remembered. */
public record CommandResult(
        Outcome outcome, @Nullable Commit commit, @Nullable RequestChange requestChange) {}
