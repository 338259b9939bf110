// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One connection through a relay: two sockets, and what is on its way between them. Of the relays' thread. */
final class RelayedConnection implements Relays.Ready {

    private static final int BUFFER_BYTES = 32 << 10;

    private final Selector selector;
    private final Consumer<RelayedConnection> onClose;
    private final Side client;
    private @Nullable Side server;
    private boolean connected;
    private boolean cut;

    /** One of the sockets, and the bytes that were read from it and not yet written to the other. */
    private static final class Side {
        final SocketChannel channel;
        final SelectionKey key;
        final ByteBuffer read = ByteBuffer.allocate(BUFFER_BYTES);
        boolean ended;
        boolean endPassedOn;

        Side(SocketChannel channel, Selector selector, RelayedConnection owner) throws IOException {
            this.channel = channel;
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            this.key = channel.register(selector, 0, owner);
        }
    }

    RelayedConnection(Selector selector, SocketChannel client, Consumer<RelayedConnection> onClose) throws IOException {
        this.selector = selector;
        this.onClose = onClose;
        this.client = new Side(client, selector, this);
    }

    /** Begins to reach the target. If that fails the client is told as TCP tells it. */
    void open(InetSocketAddress target) {
        try {
            Side opened = new Side(SocketChannel.open(), selector, this);
            server = opened;
            connected = opened.channel.connect(target);
            look();
        } catch (IOException refused) {
            close();
        }
    }

    void cut(boolean now) {
        cut = now;
        look();
    }

    @Override
    public void ready(SelectionKey ignored) {
        Side to = server;
        if (to == null) {
            return;
        }
        try {
            if (!connected) {
                connected = to.channel.finishConnect();
            }
            if (connected) {
                passOn(client, to);
                passOn(to, client);
            }
            if (client.endPassedOn && to.endPassedOn) {
                close();
            } else {
                look();
            }
        } catch (IOException broken) {
            close();
        }
    }

    private static void passOn(Side from, Side to) throws IOException {
        if (!from.ended && from.read.hasRemaining() && from.channel.read(from.read) < 0) {
            from.ended = true;
        }
        if (from.read.position() > 0) {
            from.read.flip();
            int unused = to.channel.write(from.read);
            from.read.compact();
        }
        if (from.ended && from.read.position() == 0 && !from.endPassedOn) {
            SocketChannel same = to.channel.shutdownOutput();
            from.endPassedOn = same == to.channel;
        }
    }

    /** Says what it waits for. */
    private void look() {
        Side to = server;
        if (to == null || !client.key.isValid() || !to.key.isValid()) {
            return;
        }
        if (cut) {
            client.key.interestOps(0);
            to.key.interestOps(0);
        } else if (!connected) {
            to.key.interestOps(SelectionKey.OP_CONNECT);
        } else {
            client.key.interestOps(interest(client, to));
            to.key.interestOps(interest(to, client));
        }
    }

    private static int interest(Side of, Side other) {
        int reads = !of.ended && of.read.hasRemaining() ? SelectionKey.OP_READ : 0;
        int writes = other.read.position() > 0 ? SelectionKey.OP_WRITE : 0;
        return reads | writes;
    }

    void close() {
        closeQuietly(client.channel);
        if (server != null) {
            closeQuietly(server.channel);
        }
        onClose.accept(this);
    }

    private static void closeQuietly(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // Nothing is lost by it: the other side sees the end in any case.
            return;
        }
    }
}
