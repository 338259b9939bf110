// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "mixed",
        description = "Gets and puts.",
        footer = {
            "  tidemark bench mixed --read-share=0.95 --preload",
            "  tidemark bench mixed --distribution=zipf --output=json"
        })
final class MixedCommand extends LoadCommand {

    @Mixin
    private ReadAsk ask = new ReadAsk();

    @Option(names = "--read-share", defaultValue = "0.9", description = "The share of gets, from 0 to 1.")
    private double readShare;

    @Override
    double readShare() {
        return readShare;
    }

    @Override
    ReadAsk ask() {
        return ask;
    }
}
