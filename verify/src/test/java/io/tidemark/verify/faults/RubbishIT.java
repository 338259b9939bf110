// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.verify.faults.ClusterUnderTest.NodeUnderTest;
import io.tidemark.verify.history.Checks;
import io.tidemark.verify.history.History;
import io.tidemark.verify.history.Recorder;
import io.tidemark.verify.process.Servers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is no request, and what is half of one, on every port: no node ends, and work goes on. */
@Tag("faults")
class RubbishIT {

    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EMPTY_SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};
    private static final int RANDOM_BYTES = 64 << 10;

    @RegisterExtension
    final Servers servers = new Servers();

    @Test
    void shouldWorkOnWhateverArrivesOnItsPorts() throws Exception {
        long seed = Rounds.seed("rubbish");
        SplittableRandom random = new SplittableRandom(seed);
        List<Socket> left = new ArrayList<>();
        try (ClusterUnderTest cluster = ClusterUnderTest.start(servers, 3);
                Recorder recorder = new Recorder(new Recorder.Plan(
                        cluster.endpoints(),
                        List.of("t"),
                        2,
                        50,
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(60),
                        seed))) {
            recorder.start();
            long term = cluster.awaitLeader(Duration.ofSeconds(30)).term();
            for (Rounds rounds = Rounds.of("rubbish", 2); rounds.next(); ) {
                for (NodeUnderTest node : cluster.nodes()) {
                    List<Integer> ports = List.of(
                            node.clientPort(),
                            node.internalPort(),
                            node.raftPort(),
                            node.server().httpPort());
                    for (int port : ports) {
                        for (byte[] rubbish : rubbish(random)) {
                            send(port, rubbish, left);
                        }
                    }
                }
            }
            long before = recorder.acknowledgedSoFar();
            while (recorder.acknowledgedSoFar() < before + 50) {
                ClusterUnderTest.sleep(20);
            }
            History history = recorder.finish();

            assertThat(Checks.of(history)).as("logs: " + servers.directory()).isEmpty();
            assertThat(cluster.nodes()).allMatch(node -> node.server().isAlive());
            Rounds.say(
                    "rubbish",
                    left.size() + " connections left open, " + recorder.acknowledgedSoFar()
                            + " writes acknowledged, term " + term + " to "
                            + cluster.awaitLeader(Duration.ofSeconds(30)).term());
        } finally {
            for (Socket socket : left) {
                socket.close();
            }
        }
    }

    /** Half of these connections stay open, in the middle of what they were saying. */
    private static void send(int port, byte[] bytes, List<Socket> left) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        try {
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
        } catch (IOException e) {
            // The server has closed it, as it may.
        }
        if (bytes.length % 2 == 0) {
            left.add(socket);
        } else {
            socket.close();
        }
    }

    private static List<byte[]> rubbish(SplittableRandom random) {
        byte[] anything = new byte[random.nextInt(RANDOM_BYTES)];
        random.nextBytes(anything);
        return List.of(
                anything,
                new byte[RANDOM_BYTES],
                "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000000\r\n".getBytes(StandardCharsets.US_ASCII),
                "POST /healthz HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFF\r\n"
                        .getBytes(StandardCharsets.US_ASCII),
                PREFACE,
                join(PREFACE, anything),
                // A frame of headers that claims 16 MiB, one of an unknown stream, and one that is cut off.
                join(PREFACE, EMPTY_SETTINGS, new byte[] {-1, -1, -1, 1, 4, 0, 0, 0, 1}),
                join(PREFACE, EMPTY_SETTINGS, new byte[] {0, 0, 5, 0, 0, 0, 0, 0, 7, 0, -1, -1, -1, -1}),
                join(PREFACE, EMPTY_SETTINGS, new byte[] {0, 0, 50, 1, 4, 0, 0, 0, 1, (byte) 0x83}));
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }
}
