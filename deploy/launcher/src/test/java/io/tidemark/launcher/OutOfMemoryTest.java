// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.client.Failure;
import io.tidemark.client.OutcomeUnknownException;
import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.cli.OutOfMemory;
import io.tidemark.launcher.cli.Streams;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Commands for which there is too little memory. */
class OutOfMemoryTest {

    private static final String TOLD = "tidemark: out of memory: Java heap space\n  TIDEMARK_JAVA_OPTS=";

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    /** More than there is memory for. */
    private static final class Endless extends InputStream {

        @Override
        public int read() {
            throw new OutOfMemoryError("Java heap space");
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            throw new OutOfMemoryError("Java heap space");
        }
    }

    @Test
    void shouldEndACommandAsAFailureThatNothingElseExplains() {
        Streams streams =
                new Streams(new Endless(), Streams.text(new ByteArrayOutputStream()), Streams.text(err), false, false);

        int code = Tidemark.commandLine(streams).execute("put", "users", "ann", "-", "--endpoints=127.0.0.1:1");

        assertThat(code).isEqualTo(ExitCode.FAILED);
        assertThat(said()).startsWith(TOLD).hasLineCount(2);
    }

    @Test
    void shouldBeSeenBehindOtherFailuresButNotInsteadOfAnOpenWrite() {
        StringWriter text = new StringWriter();
        CommandLine get = Objects.requireNonNull(
                        Tidemark.commandLine().getSubcommands().get("get"))
                .setErr(new PrintWriter(text));
        OutOfMemoryError memory = new OutOfMemoryError("Java heap space");

        assertThat(Tidemark.report(new ExecutionException(memory), get)).isEqualTo(ExitCode.FAILED);
        assertThat(text.toString()).startsWith(TOLD);
        assertThat(Tidemark.report(
                        new OutcomeUnknownException(
                                new Failure("put: no answer", "OUTCOME_UNKNOWN"), memory, null, null),
                        get))
                .isEqualTo(ExitCode.OUTCOME_UNKNOWN);
    }

    @Test
    void shouldEndTheProcessWhereAThreadBesideTheCommandHasNone() {
        AtomicInteger exitCode = new AtomicInteger(-1);
        OutOfMemory handler = new OutOfMemory(Streams.text(err), exitCode::set);

        handler.uncaughtException(Thread.currentThread(), new IllegalStateException("a bug"));
        assertThat(exitCode).hasValue(-1);
        assertThat(said()).contains("Exception in thread", "a bug", "\tat ");

        err.reset();
        handler.uncaughtException(Thread.currentThread(), new OutOfMemoryError("Java heap space"));
        assertThat(exitCode).hasValue(ExitCode.FAILED);
        assertThat(said()).startsWith(TOLD);
    }

    private String said() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
