// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.time.Duration;
import java.util.Optional;

/** What every result of a call knows: which state it is, how stale, and who served it. */
public interface Result {

    /** All that the answer says of itself. */
    Header header();

    /** As {@link Header#index()}. */
    default long index() {
        return header().index();
    }

    /** As {@link Header#token()}. */
    default String token() {
        return header().token();
    }

    /** As {@link Header#staleness()}: counted to the moment of asking. Empty: unknown. */
    default Optional<Duration> staleness() {
        return header().staleness();
    }

    /** As {@link Header#servedBy()}. */
    default ServedBy servedBy() {
        return header().servedBy();
    }

    /** As {@link Header#unmet()}. */
    default Optional<Unmet> unmet() {
        return header().unmet();
    }
}
