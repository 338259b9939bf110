// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * What somebody wants of the cluster.
 *
 * @param server whom it is about: an id, {@code leader} or {@code follower}; empty where it is about all
 */
record Order(Verb verb, String server) {

    enum Verb {
        STATUS,
        STOP,
        KILL,
        START,
        PAUSE,
        RESUME,
        PARTITION,
        HEAL
    }

    /**
     * How it ended.
     *
     * @param exitCode of the command that asked
     * @param text for whoever asked
     */
    record Outcome(int exitCode, String text) {

        static Outcome done(String text) {
            return new Outcome(0, text);
        }
    }

    /** As it travels: one line. */
    String toLine() {
        return verb.name().toLowerCase(Locale.ROOT) + " " + server;
    }

    /** Empty: that is no order. */
    static Optional<Order> parse(String line) {
        int space = line.indexOf(' ');
        if (space < 0) {
            return Optional.empty();
        }
        String name = line.substring(0, space).toUpperCase(Locale.ROOT);
        return Arrays.stream(Verb.values())
                .filter(verb -> verb.name().equals(name))
                .findFirst()
                .map(verb -> new Order(verb, line.substring(space + 1).strip()));
    }
}
