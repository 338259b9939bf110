// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.serve;

import io.tidemark.server.time.Moment;
import io.tidemark.server.time.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Servers that could not be reached a moment ago, of which the topology may not know for long: they are asked last. For any thread.
 */
final class LostServers {

    /** So long one is asked after all others. */
    static final Duration LAST_FOR = Duration.ofSeconds(5);

    private final Ticker ticker;
    private final Map<String, Moment> lost = new ConcurrentHashMap<>();

    LostServers(Ticker ticker) {
        this.ticker = ticker;
    }

    void lost(String address) {
        lost.put(address, ticker.now());
    }

    void answered(String address) {
        // Nearly always there is none.
        if (!lost.isEmpty()) {
            lost.remove(address);
        }
    }

    /** The same servers, those behind that are lost. */
    List<String> last(List<String> addresses) {
        if (lost.isEmpty()) {
            return addresses;
        }
        Moment now = ticker.now();
        lost.values().removeIf(since -> since.elapsedTo(now).compareTo(LAST_FOR) > 0);
        List<String> ordered = new ArrayList<>(addresses);
        ordered.removeAll(lost.keySet());
        addresses.stream().filter(lost::containsKey).forEach(ordered::add);
        return ordered;
    }
}
