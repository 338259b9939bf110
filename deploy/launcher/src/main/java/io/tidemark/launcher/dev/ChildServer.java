// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import static java.util.Objects.requireNonNull;

import io.tidemark.server.process.StartException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A server that is a process of its own, from one start to the next. Its owner's monitor guards it, but for the waiting, which is for any
 * thread.
 */
final class ChildServer {

    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(50);

    private final ServerPlan plan;
    private final Path clusterDir;
    private final List<String> command;
    private volatile @Nullable Run run;
    private boolean paused;

    /**
     * From a start to its end.
     *
     * @param endNoted completes when its owner has taken note of the end
     */
    private record Run(Process process, ProcessIdentity identity, CompletableFuture<Void> endNoted) {}

    /** @param command that runs it */
    ChildServer(ServerPlan plan, Path clusterDir, List<String> command) {
        this.plan = plan;
        this.clusterDir = clusterDir;
        this.command = List.copyOf(command);
    }

    ServerPlan plan() {
        return plan;
    }

    Path logFile() {
        return plan.logFile(clusterDir);
    }

    /**
     * Starts it; the end of the run before must have been noted.
     *
     * @param onEnd told when the process has ended, on a thread that is nobody's
     */
    void start(Consumer<ChildServer> onEnd) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile().toFile()))
                .start();
        // Nothing is ever said to it.
        process.getOutputStream().close();
        Run started = new Run(process, ProcessIdentity.of(process.toHandle()), new CompletableFuture<>());
        run = started;
        paused = false;
        CompletableFuture<Void> unused = process.onExit().thenAccept(ended -> {
            try {
                onEnd.accept(this);
            } finally {
                started.endNoted().complete(null);
            }
        });
    }

    boolean wasStarted() {
        return run != null;
    }

    boolean isAlive() {
        Run now = run;
        return now != null && now.process().isAlive();
    }

    /** The process that it was started as last. */
    ProcessIdentity identity() {
        return running().identity();
    }

    int exitCode() {
        return running().process().exitValue();
    }

    ServerState.Condition condition() {
        if (!isAlive()) {
            return ServerState.Condition.ENDED;
        }
        return paused ? ServerState.Condition.PAUSED : ServerState.Condition.RUNNING;
    }

    void pause() throws IOException {
        Signals.pause(running().process().toHandle());
        paused = true;
    }

    void resume() throws IOException {
        Signals.resume(running().process().toHandle());
        paused = false;
    }

    /** SIGKILL. */
    void kill() {
        Process unused = running().process().destroyForcibly();
    }

    /** SIGTERM, which a process that stands still would not hear. */
    void tellToStop() throws IOException {
        if (isAlive()) {
            if (paused) {
                resume();
            }
            running().process().destroy();
        }
    }

    /** Whether it is ready. Throws if it has ended instead. */
    boolean isReady() {
        Process process = running().process();
        if (!process.isAlive()) {
            throw new StartException(plan.id() + " ended with exit code " + process.exitValue()
                    + " before it was ready: see " + logFile());
        }
        return ReadyCheck.isReady(plan);
    }

    /** Waits until it is ready; whether it was within the time. Throws if it ends instead. */
    boolean awaitReady(Duration timeout) throws InterruptedException {
        long begin = System.nanoTime();
        while (!isReady()) {
            TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
            if (System.nanoTime() - begin > timeout.toNanos()) {
                return false;
            }
        }
        return true;
    }

    /** Waits until the process has ended; kills it if it takes too long. */
    void awaitEnd() {
        Run now = run;
        if (now == null) {
            return;
        }
        try {
            if (!now.process().waitFor(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                Process unused = now.process().destroyForcibly();
            }
        } catch (InterruptedException e) {
            Process unused = now.process().destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until its owner has taken note of the end of the last run, if there was one. */
    void awaitEndNoted() {
        Run last = run;
        if (last != null) {
            last.endNoted().join();
        }
    }

    private Run running() {
        return requireNonNull(run, "not started");
    }
}
