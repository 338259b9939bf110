// SPDX-License-Identifier: Apache-2.0
package io.tidemark.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.client.Table;
import io.tidemark.client.TidemarkClient;
import io.tidemark.server.process.ServerProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Reader;
import java.io.StringWriter;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The distribution archive, unpacked and used as its users do. */
@Timeout(120)
class ArchiveIT {

    private static final Path ARCHIVE = Path.of("target", "tidemark-" + SourceTree.version() + ".tar.gz");

    /** Its name has a space, as users' directories may. */
    @TempDir(factory = DirectoryWithSpace.class)
    static Path directory = Path.of("replaced by JUnit");

    private static Path home = directory;

    @BeforeAll
    static void unpack() throws Exception {
        Program tar = Program.orSkip("tar");
        tar.run("-xzf", ARCHIVE.toString(), "-C", directory.toString()).outputIfWell();
        home = directory.resolve("tidemark-" + SourceTree.version());
    }

    @Test
    void shouldHoldWhatBelongsInIt() throws Exception {
        assertThat(names(home)).containsExactly("LICENSE", "THIRD-PARTY.txt", "bin", "completion", "conf", "lib");
        assertThat(names(home.resolve("bin"))).containsExactly("tidemark");
        Set<String> conf = new TreeSet<>(names(SourceTree.DEPLOY.resolve("conf")));
        conf.add("resources");
        assertThat(names(home.resolve("conf"))).containsExactlyElementsOf(conf);
        assertThat(names(home.resolve("conf/resources"))).containsExactlyElementsOf(names(SourceTree.RESOURCES));
        assertThat(Files.getPosixFilePermissions(home.resolve("bin/tidemark")))
                .contains(PosixFilePermission.OTHERS_EXECUTE)
                .doesNotContain(PosixFilePermission.GROUP_WRITE);
    }

    /** Whether anything is missing, the other tests show. */
    @Test
    void shouldNotHoldWhatOnlyTestsNeed() throws Exception {
        assertThat(names(home.resolve("lib")))
                .contains("tidemark-launcher-" + SourceTree.version() + ".jar")
                .noneMatch(name -> name.matches("(junit|assertj|client-java-api|tidemark-testkit).*"));
    }

    @Test
    void shouldNameTheLicenceOfEveryLibraryOfOthers() throws Exception {
        List<String> lines =
                SourceTree.read(home.resolve("THIRD-PARTY.txt")).lines().skip(2).toList();

        assertThat(lines).isNotEmpty().allMatch(line -> line.matches("\\S+ \\(.*\\): \\S.*"));
        assertThat(names(home.resolve("lib")).stream().filter(name -> !name.startsWith("tidemark-")))
                .isNotEmpty()
                .allSatisfy(name -> assertThat(lines)
                        .as("lines for " + name)
                        .anyMatch(line -> name.startsWith(line.substring(0, line.indexOf(' ')))));
    }

    /** The image has a Java of few modules, and a class that lacks one is missed when it is used, not before. */
    @Test
    void shouldFindInTheImageTheModulesThatItsClassesUse() throws Exception {
        Matcher modules = Pattern.compile("--add-modules ([a-z.,]+)")
                .matcher(SourceTree.read(SourceTree.DEPLOY.resolve("image/Dockerfile")));
        assertThat(modules.find()).isTrue();
        Set<String> inTheImage = new TreeSet<>();
        Configuration.empty()
                .resolve(
                        ModuleFinder.ofSystem(),
                        ModuleFinder.of(),
                        Set.of(modules.group(1).split(",", -1)))
                .modules()
                .forEach(module -> inTheImage.add(module.name()));
        List<String> arguments = new ArrayList<>(List.of(
                "--ignore-missing-deps", "--multi-release", "17", "--no-recursive", "--print-module-deps", "-cp"));
        arguments.add(home.resolve("lib") + "/*");
        names(home.resolve("lib")).stream()
                .filter(name -> name.startsWith("tidemark-"))
                .forEach(name -> arguments.add(home.resolve("lib").resolve(name).toString()));
        StringWriter output = new StringWriter();
        int exitCode = ToolProvider.findFirst("jdeps")
                .orElseThrow()
                .run(new PrintWriter(output), new PrintWriter(output), arguments.toArray(String[]::new));

        assertThat(exitCode).as(output.toString()).isZero();
        String used = output.toString().lines().reduce("", (first, last) -> last);
        assertThat(inTheImage).contains(used.split(",", -1));
    }

    /** Whoever builds a commit gets the same bytes, whenever and as whom. */
    @Test
    void shouldHaveNoTraceOfWhoBuiltItWhen() throws Exception {
        String listing = Program.orSkip("tar")
                .run("--utc", "--numeric-owner", "-tvzf", ARCHIVE.toString())
                .outputIfWell();

        assertThat(listing.lines())
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line).containsPattern("^\\S+ +0/0 +\\d+ 2026-11-21 00:00 "));
        List<String> names =
                listing.lines().map(line -> line.replaceAll(".* 00:00 ", "")).toList();
        assertThat(names).doesNotHaveDuplicates();
    }

    @Test
    void shouldAcceptItsOwnConfigurationOfASidecar() throws Exception {
        Path conf = home.resolve("conf");

        assertThat(new Program(home.resolve("bin/tidemark"))
                        .run(
                                "check-config",
                                "sidecar",
                                "--config=" + conf.resolve("sidecar.yaml"),
                                "--resources.files=" + conf.resolve("resources/users.yaml") + ","
                                        + conf.resolve("resources/expenses.yaml"))
                        .outputIfWell())
                .contains("is right for a sidecar");
    }

    @Test
    void shouldCompleteItselfInAShell() throws Exception {
        Path script = home.resolve("completion/tidemark.bash");

        assertThat(SourceTree.read(script))
                .isEqualTo(new Program(home.resolve("bin/tidemark"))
                        .run("completion", "bash")
                        .outputIfWell());
        assertThat(SourceTree.read(home.resolve("completion/tidemark.zsh"))).endsWith(SourceTree.read(script));
        assertThat(Program.orSkip("bash")
                        .run(
                                "-c",
                                "source \"$1\"; COMP_WORDS=(tidemark side) COMP_CWORD=1; _complete_tidemark; echo ${COMPREPLY[@]}",
                                "bash",
                                script.toString())
                        .outputIfWell())
                .isEqualTo("sidecar\n");
    }

    /** Where anything about them is wrong, Java says nothing and does without; so it does below a directory with a space. */
    @Test
    void shouldStartWithTheClassesThatItKept(@TempDir Path plain) throws Exception {
        Program.orSkip("tar")
                .run("-xzf", ARCHIVE.toString(), "-C", plain.toString(), "--strip-components=1")
                .outputIfWell();
        Path tidemark = plain.resolve("bin/tidemark");
        assertThat(new Program(tidemark).run("share-classes").outputIfWell()).startsWith("classes are shared: ");
        ProcessBuilder version = new ProcessBuilder(tidemark.toString(), "version").directory(plain.toFile());
        version.environment().put("TIDEMARK_JAVA_OPTS", "-Xlog:class+load=info:file=loaded");

        assertThat(version.redirectErrorStream(true).start().waitFor()).isZero();

        assertThat(plain.resolve("loaded"))
                .content()
                .containsPattern("io\\.tidemark\\.launcher\\.Tidemark source: shared objects file");
    }

    @Test
    void shouldTellItsVersionThroughALink() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("tide"), home.resolve("bin/tidemark"));

        assertThat(new Program(link).run("version").outputIfWell()).startsWith("tidemark " + SourceTree.version());
    }

    @Test
    void shouldRunAClusterOfOneNode() throws Exception {
        Path data = directory.resolve("data");
        Path log = directory.resolve("log");
        Process node = new ProcessBuilder(
                        home.resolve("bin/tidemark").toString(),
                        "node",
                        "--id=n1",
                        "--data-dir=" + data,
                        "--store.auto-create-tables=true",
                        "--client.port=0",
                        "--internal.port=0",
                        "--raft.port=0",
                        "--http.port=0")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            try (TidemarkClient client = TidemarkClient.builder()
                    .endpoints("127.0.0.1:" + clientPort(node, data, log))
                    // What a server does first takes long where the machine is busy.
                    .deadline(Duration.ofSeconds(60))
                    .build()) {
                Table<String> table = client.table("users");
                table.put("ann", "Ann");
                assertThat(table.get("ann").value()).contains("Ann");
            }
            // Through the script, which is gone by now: the server has taken its place.
            node.destroy();
            assertThat(node.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(node.exitValue()).as(SourceTree.read(log)).isZero();
            assertThat(SourceTree.read(log)).contains("drained role=node id=n1");
        } finally {
            node.destroyForcibly();
        }
    }

    private static String clientPort(Process node, Path data, Path log) throws Exception {
        Path file = data.resolve(ServerProcess.PORTS_FILE);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!Files.exists(file)) {
            assertThat(node.isAlive() && System.nanoTime() < deadline)
                    .as(() -> "ready: " + SourceTree.read(log))
                    .isTrue();
            TimeUnit.MILLISECONDS.sleep(20);
        }
        Properties ports = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            ports.load(reader);
        }
        return ports.getProperty("client");
    }

    private static List<String> names(Path of) throws IOException {
        try (Stream<Path> files = Files.list(of)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
