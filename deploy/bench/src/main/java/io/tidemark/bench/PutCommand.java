// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import java.time.Duration;
import picocli.CommandLine.Command;

@Command(name = "put", description = "Puts only.")
final class PutCommand extends LoadCommand {

    @Override
    double readShare() {
        return 0;
    }

    @Override
    Consistency consistency() {
        return Consistency.LINEARIZABLE;
    }

    @Override
    Duration maxStaleness() {
        return Duration.ZERO;
    }
}
