// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.io.Serializable;
import java.time.Duration;

/**
 * One time that a call was sent, and how that ended.
 *
 * @param address the server that was asked, {@code host:port}
 * @param began when, counted from the beginning of the call
 * @param took how long until it ended, or was given up
 * @param outcome what came of it: a reason, or what gRPC had to say
 */
public record Attempt(String address, Duration began, Duration took, String outcome) implements Serializable {

    @Override
    public String toString() {
        return address + " after " + began.toMillis() + " ms for " + took.toMillis() + " ms: " + outcome;
    }
}
