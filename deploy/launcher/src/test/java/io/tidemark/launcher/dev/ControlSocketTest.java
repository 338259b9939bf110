// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.launcher.dev.Order.Verb;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ControlSocketTest {

    @TempDir
    private Path directory = Path.of("replaced by JUnit");

    private final List<Order> orders = new CopyOnWriteArrayList<>();

    @Test
    void shouldCarryOutOrdersAndSayHowTheyEnded() throws IOException {
        try (ControlSocket socket = open(directory)) {
            Order kill = new Order(Verb.KILL, "n1");

            Order.Outcome outcome = ControlClient.give(socket.path(), kill);

            assertThat(outcome).isEqualTo(new Order.Outcome(7, "two\nlines, größer"));
            assertThat(ControlClient.give(socket.path(), new Order(Verb.STATUS, ""))
                            .exitCode())
                    .isEqualTo(7);
            assertThat(orders).containsExactly(kill, new Order(Verb.STATUS, ""));
        }
    }

    @Test
    void shouldRefuseWhatIsNoOrder() throws IOException {
        try (ControlSocket socket = open(directory);
                SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket.path()))) {
            ControlClient.write(channel, "explode n1\n");

            assertThat(ControlClient.readLine(channel)).isEqualTo("1");
            assertThat(orders).isEmpty();
        }
    }

    @Test
    void shouldGoOnWhenSomebodyGivesHalfAnOrder() throws IOException {
        try (ControlSocket socket = open(directory)) {
            SocketChannel.open(UnixDomainSocketAddress.of(socket.path())).close();

            assertThat(ControlClient.give(socket.path(), new Order(Verb.HEAL, "r1"))
                            .exitCode())
                    .isEqualTo(7);
        }
    }

    @Test
    void shouldWorkInADirectoryWithALongName() throws IOException {
        Path deep = Files.createDirectories(directory.resolve("d".repeat(120)));
        Path path;
        try (ControlSocket socket = open(deep)) {
            path = socket.path();

            assertThat(ControlClient.give(path, new Order(Verb.PAUSE, "n2")).exitCode())
                    .isEqualTo(7);
        }

        assertThat(path.getParent()).doesNotExist();
    }

    @Test
    void shouldTakeThePlaceOfOneThatWasKilled() throws IOException {
        Files.writeString(directory.resolve("control"), "left behind");

        try (ControlSocket socket = open(directory)) {
            assertThat(ControlClient.give(socket.path(), new Order(Verb.STOP, ""))
                            .exitCode())
                    .isEqualTo(7);
        }

        assertThat(directory.resolve("control")).doesNotExist();
    }

    @Test
    void shouldSayThatNobodyTakesOrders() {
        assertThatThrownBy(() -> ControlClient.give(directory.resolve("control"), new Order(Verb.STOP, "")))
                .isInstanceOf(IOException.class);
    }

    private ControlSocket open(Path where) throws IOException {
        return ControlSocket.open(where, order -> {
            orders.add(order);
            return new Order.Outcome(7, "two\nlines, größer");
        });
    }
}
