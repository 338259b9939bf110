// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "get",
        description = "Gets only.",
        footer = {
            "  tidemark bench get --consistency=bounded --max-staleness=250ms",
            "  tidemark bench get --driver=sdk --outstanding=256 --preload"
        })
final class GetCommand extends LoadCommand {

    @Mixin
    private ReadAsk ask = new ReadAsk();

    @Override
    double readShare() {
        return 1;
    }

    @Override
    ReadAsk ask() {
        return ask;
    }
}
