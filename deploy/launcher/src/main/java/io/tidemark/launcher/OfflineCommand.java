// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import io.tidemark.launcher.cli.Progress;
import io.tidemark.launcher.cli.Streams;
import io.tidemark.node.NodeConfig;
import io.tidemark.node.offline.NewNode;
import io.tidemark.node.offline.OfflineListener;
import io.tidemark.server.config.Configuration;
import io.tidemark.store.copy.DamagedCopyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** Makes the directory of a new cluster's first node, of which it takes the options that the node will be started with. */
@Command(
        mixinStandardHelpOptions = true,
        versionProvider = BuildVersion.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done; start the node",
            "1:it failed, and the new directory is to be deleted; the message says why",
            "2:wrong usage or configuration, or a directory that is not as it must be"
        })
abstract class OfflineCommand implements Callable<Integer> {

    @CommandLine.Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The YAML file of the new node's options.")
    private @Nullable Path configFile;

    @Unmatched
    private final List<String> flags = new ArrayList<>();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    /** Makes it, and gives what to tell of it. */
    abstract String make(NewNode target, OfflineListener listener) throws IOException;

    @Override
    public Integer call() throws IOException {
        // Before the first logger is made, which reads it.
        System.setProperty("tidemark.log.level", "warn");
        NewNode target = NodeConfig.from(
                        Configuration.load(NodeConfig.OPTIONS, Optional.ofNullable(configFile), System.getenv(), flags))
                .toNewCluster();
        boolean wasEmpty = isEmpty(target.directory());
        Progress progress = new Progress(((Streams.Owner) spec.root().userObject()).streams());
        try {
            String made = make(target, new Listener(progress));
            progress.end();
            spec.commandLine().getOut().println(made);
            spec.commandLine()
                    .getOut()
                    .println("Start node " + target.self().id()
                            + " with the options given here, then add further nodes.");
            spec.commandLine().getOut().flush();
            return 0;
        } catch (DamagedCopyException | IOException e) {
            progress.tell(e.getMessage() == null || e instanceof IOException ? e.toString() : e.getMessage());
            return Tidemark.FAILED;
        } finally {
            progress.end();
            if (wasEmpty && isBroken(target.directory())) {
                progress.tell(target.directory() + " is of no use now: delete it before you repeat this");
            }
        }
    }

    private static boolean isEmpty(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return true;
        }
        try (Stream<Path> contents = Files.list(directory)) {
            return contents.findAny().isEmpty();
        }
    }

    /** The file with what a node is part of is the last that is written. */
    private static boolean isBroken(Path directory) throws IOException {
        return !isEmpty(directory) && !Files.exists(directory.resolve("birth"));
    }

    /** Tells whoever looks on. */
    private record Listener(Progress progress) implements OfflineListener {

        @Override
        public void copied() {
            progress.tell("the old directory is copied; it stays as it is");
        }

        @Override
        public void replayed(long raftIndex, long index) {
            progress.say("applying the log up to Raft index", raftIndex, 0, "");
        }

        @Override
        public void rows(long done, long estimated) {
            progress.say("writing the new store", done, Math.max(done, estimated), "rows");
        }
    }
}
