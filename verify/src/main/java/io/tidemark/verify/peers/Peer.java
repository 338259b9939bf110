// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.peers;

import io.tidemark.bench.Connection;
import io.tidemark.bench.Consistency;
import io.tidemark.bench.Endpoint;
import io.tidemark.bench.EtcdConnection;
import io.tidemark.bench.TidemarkConnection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * One of the systems compared, running.
 *
 * @param pids the processes of its servers
 */
public record Peer(Name name, List<Endpoint> endpoints, List<Long> pids) {

    private static final Duration LEADER_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);
    public static final String TABLE = "peers";

    /** Which it is, in the order of the tables' columns. */
    public enum Name {
        ETCD("etcd"),
        TIDEMARK("Tidemark");

        private final String title;

        Name(String title) {
            this.title = title;
        }

        public String title() {
            return title;
        }
    }

    public Peer {
        endpoints = List.copyOf(endpoints);
        pids = List.copyOf(pids);
    }

    /** Who leads now. */
    public Endpoint leader() throws InterruptedException {
        long deadline = System.nanoTime() + LEADER_TIMEOUT.toNanos();
        do {
            for (Endpoint endpoint : endpoints) {
                if (leads(endpoint)) {
                    return endpoint;
                }
            }
            TimeUnit.MILLISECONDS.sleep(100);
        } while (System.nanoTime() - deadline < 0);
        throw new IllegalStateException(
                name.title() + " has no leader after " + LEADER_TIMEOUT.toSeconds() + " s: " + endpoints);
    }

    /** So many channels to one server; gets are linearizable. */
    List<Connection> connect(Endpoint endpoint, int channels) {
        return IntStream.range(0, channels).mapToObj(i -> connect(endpoint)).toList();
    }

    private boolean leads(Endpoint endpoint) {
        return switch (name) {
            case ETCD -> EtcdConnection.leads(endpoint);
            case TIDEMARK -> TidemarkConnection.leads(endpoint);
        };
    }

    private Connection connect(Endpoint endpoint) {
        return switch (name) {
            case ETCD -> EtcdConnection.open(endpoint, Consistency.LINEARIZABLE, CALL_TIMEOUT);
            case TIDEMARK ->
                TidemarkConnection.open(
                        endpoint,
                        new TidemarkConnection.Options(
                                TABLE, Consistency.LINEARIZABLE, Duration.ZERO, false, CALL_TIMEOUT));
        };
    }
}
