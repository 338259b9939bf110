// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import picocli.CommandLine.Command;

@Command(name = "put", description = "Puts only.")
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
