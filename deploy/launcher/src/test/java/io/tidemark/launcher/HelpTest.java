// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.launcher.cli.CliCommand;
import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.cli.Streams;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What users see who ask how. */
class HelpTest {

    private static List<CommandLine> commands(CommandLine top) {
        List<CommandLine> all = new ArrayList<>();
        for (CommandLine command : top.getSubcommands().values()) {
            if (!(command.getCommand() instanceof CommandLine.HelpCommand)) {
                all.add(command);
            }
            all.addAll(commands(command));
        }
        return all;
    }

    @Test
    void shouldShowWhatEachCommandIsForWithAnExample() {
        List<CommandLine> commands = commands(Tidemark.commandLine(Streams.system()));

        assertThat(commands).hasSizeGreaterThan(45);
        for (CommandLine command : commands) {
            String name = command.getCommandSpec().qualifiedName();
            String usage = command.getUsageMessage();
            assertThat(command.getCommandSpec().usageMessage().description())
                    .as(name)
                    .isNotEmpty();
            assertThat(usage)
                    .as(name)
                    .containsPattern("Examples?:")
                    .contains("  " + name)
                    .contains("--help");
            if (command.getCommand() instanceof CliCommand) {
                assertThat(usage).as(name).contains("--verbose");
            }
        }
    }

    @Test
    void shouldShowTheHelpOfEachCommand() {
        for (CommandLine command : commands(Tidemark.commandLine(Streams.system()))) {
            String[] words = (command.getCommandSpec().qualifiedName() + " --help").split(" ", -1);

            Cli.Run run = new Cli().run(Arrays.copyOfRange(words, 1, words.length));

            assertThat(run.code()).as(run.all()).isZero();
            assertThat(run.out()).contains("Usage: ");
        }
    }

    @Test
    void shouldSayWhichHttpCacheAgesAreOfNoUse() {
        for (String command : List.of("create", "update")) {
            assertThat(new Cli().run("table", command, "--help").out().replaceAll("\\s+", " "))
                    .contains("whole seconds", "rounded up", "a second or less");
        }
    }

    @Test
    void shouldSayHowLoadsEnd() {
        for (String load : List.of("put", "get", "mixed", "follower-delay")) {
            assertThat(new Cli().run("bench", load, "--help").out())
                    .as(load)
                    .contains("Exit codes:", "5   no server was reached");
        }
    }

    @Test
    void shouldDocumentEachCommand() throws Exception {
        String page = Files.readString(Path.of("..", "..", "docs", "cli.md"));

        for (CommandLine command : commands(Tidemark.commandLine(Streams.system()))) {
            assertThat(page).contains(command.getCommandSpec().qualifiedName().replace("tidemark ", ""));
        }
        for (int code = 0; code <= ExitCode.UNSOUND; code++) {
            assertThat(page).contains("\n| " + code + " | ");
        }
    }

    @Test
    void shouldHelpByNameAndByOption() {
        Cli.Run named = new Cli().run("help", "get");
        Cli.Run option = new Cli().run("get", "--help");

        assertThat(named.code()).isZero();
        assertThat(named.out()).isEqualTo(option.out()).contains("linearizable").contains("bounded:DURATION");
        assertThat(new Cli().run("--help").out()).contains("Exit codes:").contains("topology");
    }

    @Test
    void shouldSayInThreeLinesWhatIsWrong() {
        Cli.Run typo = new Cli().run("topolgy");
        Cli.Run missing = new Cli().run("get", "users");

        assertThat(typo.code()).isEqualTo(ExitCode.WRONG_USAGE);
        assertThat(typo.err())
                .contains("Unmatched argument")
                .contains("Did you mean: ")
                .contains("tidemark topology");
        assertThat(missing.code()).isEqualTo(ExitCode.WRONG_USAGE);
        assertThat(missing.err()).contains("KEY").contains("'tidemark get --help'");
        assertThat(missing.err().lines()).hasSizeLessThanOrEqualTo(3);
    }

    @Test
    void shouldCompleteInBothShells() {
        Cli.Run bash = new Cli().run("completion", "bash");
        Cli.Run zsh = new Cli().run("completion", "zsh");

        assertThat(bash.out()).startsWith("#!").contains("topology").contains("--consistency");
        assertThat(zsh.out()).startsWith("autoload").contains("bashcompinit");
        assertThat(new Cli().run("completion", "fish").code()).isEqualTo(ExitCode.WRONG_USAGE);
    }
}
