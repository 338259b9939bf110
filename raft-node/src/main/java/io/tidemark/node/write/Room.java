// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

/** The bytes that the answers to one call have together, however many writes it holds. Any thread. */
final class Room {

    private long left;

    Room(long bytes) {
        left = bytes;
    }

    /** False, and nothing is taken, if there are not as many left. */
    synchronized boolean take(long bytes) {
        if (bytes > left) {
            return false;
        }
        left -= bytes;
        return true;
    }

    /** For what an answer cannot do without. */
    synchronized void use(long bytes) {
        left -= bytes;
    }

    synchronized long left() {
        return left;
    }
}
