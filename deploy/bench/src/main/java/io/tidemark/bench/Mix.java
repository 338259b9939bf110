// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import java.util.concurrent.ThreadLocalRandom;

/** Begins calls of the kinds and on the rows that the plan says. Immutable. */
final class Mix {

    private final Rows rows;
    private final double readShare;

    Mix(Plan plan) {
        this.rows = new Rows(plan.rows());
        this.readShare = plan.readShare();
    }

    Kind nextKind() {
        return readShare > 0 && ThreadLocalRandom.current().nextDouble() < readShare ? Kind.GET : Kind.PUT;
    }

    void begin(Kind kind, Connection connection, Completion completion) {
        switch (kind) {
            case PUT -> connection.put(rows.nextKey(), rows.nextValue(), completion);
            case GET -> connection.get(rows.nextKey(), completion);
        }
    }
}
