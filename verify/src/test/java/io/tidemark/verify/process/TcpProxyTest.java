// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TcpProxyTest {

    private static final InetAddress HERE = InetAddress.getLoopbackAddress();

    private final ServerSocket server = listen();
    private final InetSocketAddress at = new InetSocketAddress(HERE, freePort());
    private final TcpProxy proxy = TcpProxy.open(at, new InetSocketAddress(HERE, server.getLocalPort()));
    private Socket client = new Socket();
    private Socket accepted = new Socket();

    @BeforeEach
    void connect() throws IOException {
        client.connect(at);
        accepted = server.accept();
    }

    @AfterEach
    void close() throws IOException {
        proxy.close();
        client.close();
        accepted.close();
        server.close();
    }

    @Test
    void shouldPassOnBothWays() throws IOException {
        client.getOutputStream().write(1);
        assertThat(accepted.getInputStream().read()).isEqualTo(1);
        accepted.getOutputStream().write(2);
        assertThat(client.getInputStream().read()).isEqualTo(2);

        accepted.close();

        assertThat(client.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void shouldBeSlow() throws IOException {
        proxy.delay(Duration.ofMillis(200));
        long begin = System.nanoTime();

        client.getOutputStream().write(1);

        assertThat(accepted.getInputStream().read()).isEqualTo(1);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(Duration.ofMillis(199));
    }

    @Test
    void shouldSwallowUntilItIsOver() throws IOException {
        proxy.blackHole(true);
        client.getOutputStream().write(1);
        accepted.setSoTimeout(200);
        assertThatThrownBy(() -> accepted.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);

        proxy.blackHole(false);

        accepted.setSoTimeout(0);
        assertThat(accepted.getInputStream().read()).isEqualTo(1);
    }

    private static ServerSocket listen() {
        try {
            return new ServerSocket(0, 5, HERE);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static int freePort() {
        return io.tidemark.server.process.LoopbackPorts.next();
    }
}
