// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

/** What a client asked for. Each write writes a value that no other does, so that a change tells whose it is. */
public sealed interface Action {

    /** The row. */
    String key();

    /** Last write wins. */
    record Put(String key, String value) implements Action {}

    /**
     * A put of a row that has this version.
     *
     * @param version 0 for a row that is not there
     */
    record PutIf(String key, String value, long version) implements Action {}

    /** Adds one to a row and, in the same commit, writes the value to the row's marker. */
    record Increment(String key, String value) implements Action {

        /** The row that tells whose increment was the last. */
        public String marker() {
            return key + "-by";
        }
    }

    /** A linearizable get. */
    record Read(String key) implements Action {}
}
