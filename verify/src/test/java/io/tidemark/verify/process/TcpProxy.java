// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.process;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * A network between clients and a server that a test can make slow, or a black hole: bytes arrive so much later, or not until that is
 * over, while connections stay open. Each direction of each connection has two threads, which end with the connection.
 */
public final class TcpProxy implements AutoCloseable {

    private static final int CHUNK = 16 << 10;
    private static final int CHUNKS_MAX = 1_024;

    private final ServerSocket listening;
    private final InetSocketAddress target;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final Object change = new Object();

    // Guarded by change.
    private long delayNanos;
    private boolean blackHole;

    private TcpProxy(ServerSocket listening, InetSocketAddress target) {
        this.listening = listening;
        this.target = target;
    }

    /** Listens at the one and passes on to the other. */
    public static TcpProxy open(InetSocketAddress at, InetSocketAddress target) {
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(at);
            TcpProxy proxy = new TcpProxy(socket, target);
            proxy.inBackground(proxy::accept);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An address of the loopback interface beside the usual one, at which a server can be reached through a proxy. Linux only. */
    public static InetAddress beside() {
        try {
            return InetAddress.getByAddress(new byte[] {127, 0, 0, 2});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From now on what is sent in either direction arrives so much later. */
    public void delay(Duration delay) {
        synchronized (change) {
            delayNanos = delay.toNanos();
            change.notifyAll();
        }
    }

    /** While it is one nothing arrives; what was sent arrives afterwards. New connections are taken, and nothing comes of them. */
    public void blackHole(boolean on) {
        synchronized (change) {
            blackHole = on;
            change.notifyAll();
        }
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = listening.accept();
            sockets.add(client);
            inBackground(() -> connect(client));
        }
    }

    private void connect(Socket client) throws IOException {
        Socket server = new Socket();
        sockets.add(server);
        try {
            server.connect(target);
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
        } catch (IOException e) {
            client.close();
            server.close();
            return;
        }
        pump(client, server);
        pump(server, client);
    }

    /** An empty one is the end. */
    private record Chunk(ByteString bytes, long arrived) {}

    private void pump(Socket from, Socket to) {
        BlockingQueue<Chunk> queue = new ArrayBlockingQueue<>(CHUNKS_MAX);
        inBackground(() -> receive(from, queue));
        inBackground(() -> send(queue, from, to));
    }

    private static void receive(Socket from, BlockingQueue<Chunk> queue) throws IOException, InterruptedException {
        byte[] buffer = new byte[CHUNK];
        try {
            InputStream in = from.getInputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                queue.put(new Chunk(ByteString.copyFrom(buffer, 0, count), System.nanoTime()));
            }
        } finally {
            queue.put(new Chunk(ByteString.EMPTY, System.nanoTime()));
        }
    }

    private void send(BlockingQueue<Chunk> queue, Socket from, Socket to) throws IOException, InterruptedException {
        try {
            OutputStream out = to.getOutputStream();
            for (Chunk chunk = queue.take(); !chunk.bytes().isEmpty(); chunk = queue.take()) {
                awaitDue(chunk);
                chunk.bytes().writeTo(out);
            }
        } finally {
            from.close();
            to.close();
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    private void awaitDue(Chunk chunk) throws InterruptedException {
        synchronized (change) {
            while (true) {
                long left = chunk.arrived() + delayNanos - System.nanoTime();
                if (blackHole) {
                    change.wait();
                } else if (left > 0) {
                    TimeUnit.NANOSECONDS.timedWait(change, left);
                } else {
                    return;
                }
            }
        }
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private void inBackground(Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        // The connection, or the proxy, is closed.
                        return;
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "tcp-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    /** Ends every connection. */
    @Override
    public void close() {
        blackHole(false);
        try {
            listening.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
