// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.replicas;

import io.tidemark.bench.Endpoint;
import io.tidemark.bench.TidemarkConnection;

/** Says whether a node leads, for scripts. */
public final class Leads {

    private Leads() {}

    /** Whether the node at this address does. */
    public static void main(String[] args) {
        System.out.println(TidemarkConnection.leads(Endpoint.parse(args[0])) ? "leads" : "follows");
    }
}
