// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import picocli.CommandLine.Command;

@Command(
        name = "put",
        description = "Puts only.",
        footer = {
            "  tidemark bench put --duration=10s",
            "  tidemark bench put --rate=1000 --value-size=1024 --endpoints=10.0.0.1:7400"
        })
final class PutCommand extends LoadCommand {

    @Override
    double readShare() {
        return 0;
    }

    @Override
    ReadAsk ask() {
        return new ReadAsk();
    }
}
