// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/**
 * Where the supervisor takes orders: a socket in the file system, which those can reach who may write to it, its owner. An order is one
 * line; what comes back is the exit code on a line, then text to the end. Each order is carried out on a thread of its own.
 */
final class ControlSocket implements AutoCloseable {

    /** The shortest that a system allows for the path of a socket is 104 bytes, a zero at the end included. */
    private static final int PATH_BYTES_MAX = 103;

    private static final int ORDERS_MAX = 16;

    private final Path path;
    private final Optional<Path> ownDirectory;
    private final ServerSocketChannel listening;
    private final Function<Order, Order.Outcome> carryOut;
    private final Semaphore room = new Semaphore(ORDERS_MAX);
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "control");
        thread.setDaemon(true);
        return thread;
    });

    private ControlSocket(
            Path path,
            Optional<Path> ownDirectory,
            ServerSocketChannel listening,
            Function<Order, Order.Outcome> carryOut) {
        this.path = path;
        this.ownDirectory = ownDirectory;
        this.listening = listening;
        this.carryOut = carryOut;
    }

    /** In the directory, or in a temporary one of its own if the path would be too long for a socket. */
    static ControlSocket open(Path directory, Function<Order, Order.Outcome> carryOut) throws IOException {
        Path path = directory.resolve("control");
        Optional<Path> own = Optional.empty();
        if (path.toString().getBytes(StandardCharsets.UTF_8).length > PATH_BYTES_MAX) {
            own = Optional.of(Files.createTempDirectory("tidemark-dev-"));
            path = own.get().resolve("control");
        }
        // Left by a supervisor that was killed; that no other is here the lock on the directory says.
        Files.deleteIfExists(path);
        ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listening.bind(UnixDomainSocketAddress.of(path));
        ControlSocket socket = new ControlSocket(path, own, listening, carryOut);
        socket.threads.execute(socket::accept);
        return socket;
    }

    Path path() {
        return path;
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel caller = listening.accept();
                room.acquireUninterruptibly();
                threads.execute(() -> answer(caller));
            }
        } catch (IOException | RejectedExecutionException closed) {
            return;
        }
    }

    private void answer(SocketChannel channel) {
        try (channel) {
            Order.Outcome outcome = Order.parse(ControlClient.readLine(channel))
                    .map(carryOut)
                    .orElseGet(() -> new Order.Outcome(1, "not an order of this version of tidemark"));
            ControlClient.write(channel, outcome.exitCode() + "\n" + outcome.text());
        } catch (IOException gone) {
            // Whoever gave the order did not wait for what comes of it.
            return;
        } finally {
            room.release();
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        threads.shutdown();
        Files.deleteIfExists(path);
        if (ownDirectory.isPresent()) {
            Files.deleteIfExists(ownDirectory.get());
        }
    }
}
