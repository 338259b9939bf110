// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.server.process.LoopbackPorts;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RelayTest {

    private static final InetAddress HERE = InetAddress.getLoopbackAddress();

    private final InetSocketAddress at = new InetSocketAddress(HERE, LoopbackPorts.next());
    private final ServerSocket server = listen();
    private final Relays relays = open();
    private final Relay relay = add();

    @BeforeEach
    void listenAtTheRelay() throws IOException {
        relays.perform(relay::listen);
    }

    @AfterEach
    void close() throws IOException {
        relays.close();
        server.close();
    }

    @Test
    void shouldPassOnBothWaysUntilBothHaveEnded() throws IOException {
        try (Socket client = connect();
                Socket accepted = server.accept()) {
            client.getOutputStream().write(1);
            assertThat(accepted.getInputStream().read()).isEqualTo(1);

            client.shutdownOutput();
            assertThat(accepted.getInputStream().read()).isEqualTo(-1);
            accepted.getOutputStream().write(2);
            assertThat(client.getInputStream().read()).isEqualTo(2);

            accepted.shutdownOutput();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void shouldPassOnMoreThanItHoldsInOrder() throws IOException {
        byte[] sent = new byte[8 << 20];
        new Random(7).nextBytes(sent);
        try (Socket client = connect();
                Socket accepted = server.accept()) {
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> send(client, sent));

            byte[] received = accepted.getInputStream().readAllBytes();

            assertThat(received).isEqualTo(sent);
            sending.join();
        }
    }

    @Test
    void shouldLetNothingArriveWhileItIsCut() throws IOException {
        try (Socket client = connect();
                Socket accepted = server.accept()) {
            relays.perform(() -> relay.cut(true));
            client.getOutputStream().write(1);
            accepted.getOutputStream().write(2);
            assertNothingArrives(accepted);
            assertNothingArrives(client);

            relays.perform(() -> relay.cut(false));

            assertThat(accepted.getInputStream().read()).isEqualTo(1);
            assertThat(client.getInputStream().read()).isEqualTo(2);
        }
    }

    @Test
    void shouldPassOnNewConnectionsOnlyOnceItIsHealed() throws IOException {
        relays.perform(() -> relay.cut(true));
        server.setSoTimeout(200);
        try (Socket client = connect()) {
            client.getOutputStream().write(1);
            assertThatThrownBy(server::accept).isInstanceOf(SocketTimeoutException.class);

            server.setSoTimeout(0);
            relays.perform(() -> relay.cut(false));

            try (Socket accepted = server.accept()) {
                assertThat(accepted.getInputStream().read()).isEqualTo(1);
            }
        }
    }

    @Test
    void shouldRefuseConnectionsToAServerThatHasEnded() throws IOException {
        try (Socket before = connect();
                Socket accepted = server.accept()) {
            relays.perform(relay::refuse);

            assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
            before.getOutputStream().write(1);
            assertThat(accepted.getInputStream().read()).isEqualTo(1);
        }

        relays.perform(relay::listen);
        try (Socket client = connect();
                Socket accepted = server.accept()) {
            client.getOutputStream().write(3);
            assertThat(accepted.getInputStream().read()).isEqualTo(3);
        }
    }

    @Test
    void shouldEndConnectionsThatTheTargetRefuses() throws IOException {
        server.close();

        try (Socket client = connect()) {
            assertThat(ends(client)).isTrue();
        }
    }

    @Test
    void shouldEndAllConnectionsWhenItIsClosed() throws IOException {
        try (Socket client = connect();
                Socket accepted = server.accept()) {
            relays.close();

            assertThat(ends(client)).isTrue();
            assertThat(ends(accepted)).isTrue();
        }
    }

    private Socket connect() throws IOException {
        return new Socket(at.getAddress(), at.getPort());
    }

    private static boolean ends(Socket socket) {
        try {
            return socket.getInputStream().read() == -1;
        } catch (IOException reset) {
            return true;
        }
    }

    private static void assertNothingArrives(Socket socket) throws IOException {
        socket.setSoTimeout(200);
        assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        socket.setSoTimeout(0);
    }

    private static void send(Socket client, byte[] bytes) {
        try (OutputStream out = client.getOutputStream()) {
            out.write(bytes);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Relay add() {
        try {
            return relays.add(at, new InetSocketAddress(HERE, server.getLocalPort()));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Relays open() {
        try {
            return Relays.open();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static ServerSocket listen() {
        try {
            return new ServerSocket(0, 5, HERE);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
