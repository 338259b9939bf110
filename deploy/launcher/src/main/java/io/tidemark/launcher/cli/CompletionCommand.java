// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import java.util.Locale;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "completion",
        description = "Prints a script that completes commands and options in a shell.",
        footer = {
            "  source <(tidemark completion bash)                      # now",
            "  tidemark completion bash > ~/.local/share/bash-completion/completions/tidemark",
            "  echo 'source <(tidemark completion zsh)' >> ~/.zshrc    # in zsh"
        })
public final class CompletionCommand extends CliCommand {

    private enum Shell {
        BASH,
        ZSH;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
    private Shell shell = Shell.BASH;

    @Override
    protected int run() {
        String script = AutoComplete.bash("tidemark", spec().root().commandLine());
        if (shell == Shell.ZSH) {
            streams().out().println("autoload -U +X compinit && compinit");
        }
        streams().out().print(script);
        return ExitCode.DONE;
    }
}
