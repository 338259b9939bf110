// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The same entries give the same effects and outcomes in every JVM: other heaps, locales, charsets, releases of Java. */
class DeterminismTest {

    private static final long SEED = 20_261_121;

    /** Where other Javas are installed, if they lie beside this one, as package managers lay them. */
    private static final Path JAVA_HOMES = Path.of(System.getProperty("java.home"))
            .toAbsolutePath()
            .normalize()
            .resolveSibling(".")
            .normalize();

    @Test
    void shouldNotDependOnHeapLocaleOrCharset() throws Exception {
        String here = TransitionDigest.of(SEED);
        Path home = Path.of(System.getProperty("java.home"));

        assertThat(digestIn(home, "-Xmx64m", "-Duser.language=tr", "-Duser.country=TR", "-Dfile.encoding=ISO-8859-1"))
                .as("seed %s, Turkish, Latin-1, small heap", SEED)
                .isEqualTo(here);
        assertThat(digestIn(
                        home,
                        "-Xmx512m",
                        "-Xint",
                        "-Duser.language=ar",
                        "-Dfile.encoding=UTF-16BE",
                        "-Duser.timezone=Pacific/Apia"))
                .as("seed %s, Arabic, UTF-16, interpreted", SEED)
                .isEqualTo(here);
    }

    @Test
    void shouldNotDependOnTheReleaseOfJava() throws Exception {
        List<Path> others = otherJavaHomes();
        Assumptions.assumeFalse(others.isEmpty(), "no other Java under " + JAVA_HOMES);
        String here = TransitionDigest.of(SEED);

        for (Path other : others) {
            assertThat(digestIn(other)).as("seed %s, %s", SEED, other).isEqualTo(here);
        }
    }

    private static String digestIn(Path home, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(home.resolve("bin").resolve("java").toString());
        command.addAll(Arrays.asList(options));
        // Printed for people, not for the digest; some charsets above would make it unreadable.
        command.add("-Dstdout.encoding=US-ASCII");
        command.add("-cp");
        command.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path", "."))
                .replace(';', File.pathSeparatorChar));
        command.add(TransitionDigest.class.getName());
        command.add(Long.toString(SEED));
        Path output = Files.createTempFile("transition-digest", ".txt");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (!process.waitFor(120, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("no digest within 120 s from " + command);
            }
            // Whatever the charset, the digits are there, maybe with zero bytes between them.
            String text = Files.readString(output, StandardCharsets.ISO_8859_1).replace("\0", "");
            String[] lines = text.strip().split("\\R", -1);
            return lines[lines.length - 1];
        } finally {
            Files.delete(output);
        }
    }

    private static List<Path> otherJavaHomes() throws IOException {
        if (!Files.isDirectory(JAVA_HOMES)) {
            return List.of();
        }
        Path here = Path.of(System.getProperty("java.home")).toRealPath();
        List<Path> homes = new ArrayList<>();
        try (Stream<Path> entries = Files.list(JAVA_HOMES)) {
            for (Path entry : entries.sorted().toList()) {
                Path home = entry.toRealPath();
                if (release(home) >= 17 && !home.equals(here) && !homes.contains(home)) {
                    homes.add(home);
                }
            }
        }
        return homes;
    }

    /** What a JDK says of itself, without running it; 0 for what is none. */
    private static int release(Path home) throws IOException {
        Path file = home.resolve("release");
        if (!Files.isExecutable(home.resolve("bin").resolve("java")) || !Files.isReadable(file)) {
            return 0;
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        }
        Matcher matcher = Pattern.compile("\"(\\d+).*").matcher(properties.getProperty("JAVA_VERSION", ""));
        return matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
    }
}
