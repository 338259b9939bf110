// SPDX-License-Identifier: Apache-2.0
package com.example;

import io.tidemark.client.GetResult;
import io.tidemark.client.Table;
import io.tidemark.client.TidemarkClient;

/** Writes a row, and reads it back from whichever server has it. */
public final class FirstRead {

    private FirstRead() {}

    /** Where a server is, as {@code host:port}; one is enough. */
    public static void main(String[] args) {
        try (TidemarkClient client = TidemarkClient.connect(args.length > 0 ? args[0] : "127.0.0.1:7400")) {
            Table<String> users = client.table("users");
            users.put("ann", "Ann");
            GetResult<String> ann = users.get("ann");
            System.out.println(ann.value().orElse("nobody") + " as of index " + ann.index());
        }
    }
}
