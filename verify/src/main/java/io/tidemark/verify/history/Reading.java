// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One read at one server, sent once.
 *
 * @param id unique in the history
 * @param client who; also of what it wrote. A client does one thing after the other
 * @param server the id of the server that it was sent to
 * @param rows the rows that it names
 * @param start when it was sent, by the one monotonic clock of the history
 * @param end when its answer was known
 */
public record Reading(
        long id, int client, String server, Ask ask, List<String> rows, long start, long end, Answer answer) {

    public Reading {
        rows = List.copyOf(rows);
    }

    /** How it ended. */
    public sealed interface Answer {}

    /**
     * It was answered.
     *
     * @param rows for each row that was named what was found; empty: there was no such row
     */
    public record Told(Header header, Map<String, Optional<Outcome.Found>> rows) implements Answer {
        public Told {
            rows = Map.copyOf(rows);
        }
    }

    /** It was refused, or nothing came. */
    public record Denied(String reason) implements Answer {}

    /**
     * What the answer said of itself.
     *
     * @param replica whether a replica says that it served this
     * @param unmet whether it says that the ask was not met
     */
    public record Header(
            String historyId,
            String servedBy,
            boolean replica,
            long appliedIndex,
            long readIndex,
            Optional<Duration> staleness,
            boolean unmet) {}
}
