// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.peers;

import io.tidemark.bench.Kind;
import io.tidemark.bench.Plan;
import java.time.Duration;
import java.util.List;

/**
 * One load that both systems are put under.
 *
 * @param channels gRPC channels to the leader
 */
record Measure(Kind kind, int outstanding, int channels) {

    /** The lone put comes last: it takes the servers' compilers longest to be done with what a single call needs. */
    static final List<Measure> ALL = List.of(
            new Measure(Kind.PUT, 64, 1),
            new Measure(Kind.PUT, 256, 1),
            new Measure(Kind.GET, 64, 1),
            new Measure(Kind.GET, 256, 1),
            new Measure(Kind.GET, 64, 2),
            new Measure(Kind.GET, 256, 2),
            new Measure(Kind.PUT, 1, 1));

    Plan plan(Plan.RowShape rows, Duration warmUp, Duration duration) {
        return switch (kind) {
            case PUT -> Plan.puts(rows, outstanding, warmUp, duration);
            case GET -> Plan.gets(rows, outstanding, warmUp, duration);
        };
    }

    @Override
    public String toString() {
        String what = switch (kind) {
            case PUT -> "put";
            case GET -> "linearizable get";
        };
        return what + ", " + (outstanding == 1 ? "alone" : outstanding + " outstanding")
                + (channels == 1 ? "" : ", " + channels + " channels");
    }
}
