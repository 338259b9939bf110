// SPDX-License-Identifier: Apache-2.0
package com.example;

import io.tidemark.client.Condition;
import io.tidemark.client.ConditionFailedException;
import io.tidemark.client.Consistency;
import io.tidemark.client.IncrementResult;
import io.tidemark.client.ReadOptions;
import io.tidemark.client.Table;
import io.tidemark.client.TidemarkClient;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Short names for long addresses: each is given away once, and how often it is followed is counted. docs/tutorial.md builds it. */
public final class Links {

    private static final ReadOptions SOON = ReadOptions.with(Consistency.maxStaleness(Duration.ofSeconds(1)))
            .withMaxWait(Duration.ofMillis(200))
            .withServeUnmet();

    private final TidemarkClient client;
    private final Table<String> addresses;
    private final Table<String> visits;

    public Links(TidemarkClient client) {
        this.client = client;
        this.addresses = client.table("addresses");
        this.visits = client.table("visits");
    }

    /** Makes the tables, unless they are there: once for a cluster, not at each start of a service, which may be during an outage. */
    public static void makeTables(TidemarkClient client) {
        client.tables().create("addresses");
        client.tables().create("visits");
    }

    /** Whether the name was free. */
    public boolean claim(String name, String address) {
        try {
            addresses.put(name, address, Condition.absent());
            return true;
        } catch (ConditionFailedException e) {
            return false;
        }
    }

    /** Where a name leads. */
    public Optional<String> follow(String name) {
        Optional<String> address = addresses.get(name, SOON).value();
        if (address.isPresent()) {
            // No visitor waits for a count.
            CompletableFuture<IncrementResult> unused = visits.async().increment(name, 1);
        }
        return address;
    }

    /** How often a name was followed, as far as that is counted. */
    public long visits(String name) {
        return visits.get(name).value().map(Long::parseLong).orElse(0L);
    }

    /** Whether the name led there; then it leads elsewhere, and its visits count anew. */
    public boolean move(String name, String from, String to) {
        return client.commit(tx -> tx.require(addresses, name, Condition.valueEquals(from))
                        .put(addresses, name, to)
                        .delete(visits, name))
                .committed();
    }
}
