// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class GatheredLinesTest {

    @Test
    void shouldWriteAllLinesInTheirOrder() {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        GatheredLines lines = new GatheredLines(new PrintStream(written), 1 << 20, count -> "never\n");

        IntStream.range(0, 10_000).forEach(i -> lines.add(i + "\n"));
        lines.close();

        assertThat(written.toString(StandardCharsets.UTF_8).lines())
                .containsExactlyElementsOf(
                        IntStream.range(0, 10_000).mapToObj(Integer::toString).toList());
    }

    @Test
    void shouldLeaveOutWhatDoesNotFitAndSayHowMuch() throws Exception {
        Stuck written = new Stuck();
        GatheredLines lines = new GatheredLines(new PrintStream(written), 100, count -> count + " left out\n");
        lines.add("first\n");
        written.begun.await();

        IntStream.range(0, 30).forEach(i -> lines.add("123456789\n"));
        written.freed.countDown();
        lines.close();

        assertThat(written.bytes.toString(StandardCharsets.UTF_8))
                .isEqualTo("first\n" + "123456789\n".repeat(10) + "20 left out\n");
    }

    /** Takes nothing at first. */
    private static final class Stuck extends OutputStream {

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch freed = new CountDownLatch(1);

        @Override
        public void write(int one) {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] some, int from, int count) {
            begun.countDown();
            try {
                freed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            bytes.write(some, from, count);
        }
    }
}
