// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The networks of tests do what they are told, and nothing of them is left, however the test ends. As root, by a profile. */
@Tag("faults")
class TestNetworkIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int CONNECT_MILLIS = 1_000;
    private static final int PORT = 7_000;

    @BeforeEach
    void check() {
        assumeTrue(Boolean.getBoolean("tidemark.faults.namespaces"), "run by the profile namespaces, as root");
        Optional<String> obstacle = TestNetwork.obstacle();
        assumeTrue(obstacle.isEmpty(), obstacle.orElse(""));
    }

    /** In a namespace: says whether it can connect to an address. Outside: makes a network, and waits to be killed. */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 0) {
            try (TestNetwork network = TestNetwork.of(List.of("a"))) {
                long pid = sleeper(network).pid();
                System.out.println(pid);
                TimeUnit.DAYS.sleep(1);
            }
        } else if (arguments.length == 1) {
            try (ServerSocket server = new ServerSocket()) {
                server.bind(new InetSocketAddress(arguments[0], PORT));
                System.out.println("listening");
                while (true) {
                    server.accept().close();
                }
            }
        } else {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(arguments[1], PORT), CONNECT_MILLIS);
                System.out.println("connected");
            } catch (IOException e) {
                System.out.println("lost");
            }
        }
    }

    @Test
    void shouldCutWhatItIsToldToAndLeaveNothing() throws Exception {
        List<String> before = present(ProcessHandle.current().pid());
        assertThat(before).isEmpty();
        Process listener;
        try (TestNetwork network = TestNetwork.of(List.of("a", "b"))) {
            Place b = network.place("b", Place.HERE);
            listener = main(b, b.host());
            assertThat(firstLine(listener)).isEqualTo("listening");
            Place a = network.place("a", Place.HERE);

            assertThat(firstLine(main(a, "to", b.host()))).isEqualTo("connected");
            network.cut("a", "b");
            assertThat(firstLine(main(a, "to", b.host()))).isEqualTo("lost");
            network.healAll();
            network.cut("b", "a");
            assertThat(firstLine(main(a, "to", b.host()))).isEqualTo("lost");
            network.healAll();
            assertThat(firstLine(main(a, "to", b.host()))).isEqualTo("connected");
        }
        assertThat(listener.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(present(ProcessHandle.current().pid())).isEmpty();
    }

    @Test
    void shouldLeaveNothingOfATestThatIsKilled() throws Exception {
        Process test = main(Place.HERE);
        long inside = Long.parseLong(firstLine(test));
        assertThat(present(test.pid())).hasSize(3);

        test.destroyForcibly();

        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (!present(test.pid()).isEmpty()
                || ProcessHandle.of(inside).filter(ProcessHandle::isAlive).isPresent()) {
            assertThat(System.nanoTime()).as("left: " + present(test.pid())).isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private static Process sleeper(TestNetwork network) throws IOException {
        List<String> command = new ArrayList<>(network.place("a", Place.HERE).runBy());
        command.addAll(List.of("sleep", "1000"));
        return new ProcessBuilder(command).start();
    }

    private static Process main(Place place, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(place.runBy());
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx32m",
                "-cp",
                System.getProperty("java.class.path"),
                TestNetworkIT.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static String firstLine(Process process) throws IOException {
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        String line = lines.readLine();
        return line == null ? "" : line;
    }

    /** The namespaces and links of networks that this process made. */
    private static List<String> present(long pid) throws IOException {
        List<String> present = new ArrayList<>();
        Path namespaces = Path.of("/run/netns");
        if (Files.isDirectory(namespaces)) {
            try (Stream<Path> all = Files.list(namespaces)) {
                all.map(each -> each.getFileName().toString())
                        .filter(name -> name.startsWith("tidemark-" + pid + "-"))
                        .forEach(present::add);
            }
        }
        String tag = Long.toString(pid, Character.MAX_RADIX);
        try (Stream<Path> all = Files.list(Path.of("/sys/class/net"))) {
            all.map(each -> each.getFileName().toString())
                    .filter(name -> name.equals("tmb" + tag) || name.startsWith("tm" + tag))
                    .forEach(present::add);
        }
        return present;
    }
}
