// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tidemark.server.process.LoopbackPorts;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LinksTest {

    private final ServerPlan n1 = plan(ServerPlan.NODE, "n1");
    private final ServerPlan n2 = plan(ServerPlan.NODE, "n2");
    private final ServerPlan r1 = plan(ServerPlan.REPLICA, "r1");
    private final List<AutoCloseable> open = new ArrayList<>();

    @BeforeEach
    void needsLoopbackAddresses() {
        assumeTrue(Links.arePossible(), "the loopback interface has one address only");
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable resource : open) {
            resource.close();
        }
    }

    @Test
    void shouldCutOneServerOffInBothDirectionsAndLeaveTheOthers() throws IOException {
        Links links = links();
        ServerSocket atN1 = listen(ServerPlan.HOST, n1.ports().internal());
        ServerSocket atN2 = listen(ServerPlan.HOST, n2.ports().internal());
        ServerSocket raftOfN1 = listen(links.address(n1), n1.ports().raft());
        // One after the other, so that it is known which is accepted.
        Socket toN1 = connect(links.address(r1), n1.ports().internal());
        Socket acceptedAtN1 = accept(atN1);
        Socket raftToN1 = connect(links.address(n2), n1.ports().raft());
        Socket acceptedRaft = accept(raftOfN1);
        Socket fromN1 = connect(links.address(n1), n2.ports().internal());
        Socket fromN1AtN2 = accept(atN2);
        Socket besideN1 = connect(links.address(r1), n2.ports().internal());
        Socket besideAtN2 = accept(atN2);

        links.cut("n1");

        assertThat(links.isCutOff("n1")).isTrue();
        assertThat(arrivesAtOnce(toN1, acceptedAtN1)).isFalse();
        assertThat(arrivesAtOnce(acceptedAtN1, toN1)).isFalse();
        assertThat(arrivesAtOnce(raftToN1, acceptedRaft)).isFalse();
        assertThat(arrivesAtOnce(fromN1, fromN1AtN2)).isFalse();
        assertThat(arrives(besideN1, besideAtN2)).isTrue();

        links.heal("n1");

        assertThat(links.isCutOff("n1")).isFalse();
        assertThat(arrives(toN1, acceptedAtN1)).isTrue();
        assertThat(arrives(raftToN1, acceptedRaft)).isTrue();
        assertThat(arrives(fromN1, fromN1AtN2)).isTrue();
    }

    @Test
    void shouldKeepALinkCutWhileOneOfItsEndsIs() throws IOException {
        Links links = links();
        ServerSocket atN2 = listen(ServerPlan.HOST, n2.ports().internal());
        Socket fromN1 = connect(links.address(n1), n2.ports().internal());
        Socket accepted = accept(atN2);

        links.cut("n1");
        links.cut("n2");
        links.heal("n1");

        assertThat(arrivesAtOnce(fromN1, accepted)).isFalse();
        links.heal("n2");
        assertThat(arrives(fromN1, accepted)).isTrue();
    }

    @Test
    void shouldRefuseConnectionsToAServerThatDoesNotRun() throws IOException {
        Links links = links();

        links.ended("n2");

        assertThatThrownBy(() -> connect(links.address(n1), n2.ports().internal()))
                .isInstanceOf(java.net.ConnectException.class);
        Socket unused = connect(links.address(n2), n1.ports().internal());
    }

    private Links links() throws IOException {
        Links links = Links.between(List.of(n1, n2, r1));
        open.add(links);
        for (ServerPlan server : List.of(n1, n2, r1)) {
            links.running(server.id());
        }
        return links;
    }

    private boolean arrives(Socket from, Socket to) throws IOException {
        return arrives(from, to, Duration.ofSeconds(30));
    }

    /** What does not is not waited for. */
    private boolean arrivesAtOnce(Socket from, Socket to) throws IOException {
        return arrives(from, to, Duration.ofMillis(200));
    }

    private boolean arrives(Socket from, Socket to, Duration within) throws IOException {
        from.getOutputStream().write(1);
        to.setSoTimeout((int) within.toMillis());
        try {
            return to.getInputStream().read() == 1;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    private ServerSocket listen(String host, int port) throws IOException {
        ServerSocket socket = new ServerSocket();
        open.add(socket);
        socket.bind(new InetSocketAddress(host, port));
        return socket;
    }

    private Socket connect(String host, int port) throws IOException {
        Socket socket = new Socket(host, port);
        open.add(socket);
        return socket;
    }

    private Socket accept(ServerSocket listening) throws IOException {
        Socket socket = listening.accept();
        open.add(socket);
        return socket;
    }

    private static ServerPlan plan(String role, String id) {
        return new ServerPlan(
                role,
                id,
                new ServerPlan.Ports(
                        LoopbackPorts.next(), LoopbackPorts.next(), LoopbackPorts.next(), LoopbackPorts.next()),
                List.of());
    }
}
