// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;

/**
 * Whether a server should be sent requests: named checks, each of which may have a reason why not. Thread-safe; checks are
 * asked by whoever asks for readiness, and must be quick.
 */
public final class Readiness {

    private final Map<String, Supplier<Optional<String>>> checks = new ConcurrentSkipListMap<>();

    /** Adds a check, or replaces the one of that name. */
    public void check(String name, Supplier<Optional<String>> reasonWhyNot) {
        checks.put(name, reasonWhyNot);
    }

    /** The reasons why not, by check; empty if it is ready. */
    public Map<String, String> reasonsWhyNot() {
        Map<String, String> reasons = new TreeMap<>();
        checks.forEach((name, check) -> check.get().ifPresent(reason -> reasons.put(name, reason)));
        return reasons;
    }
}
