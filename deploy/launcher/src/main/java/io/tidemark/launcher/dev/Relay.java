// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Listens at one address, and passes on to a target what comes, and back. While it is cut nothing arrives, in either direction, and
 * connections stay open, as in a network that has lost its cable; what was sent meanwhile arrives afterwards. Of the relays' thread, but
 * for its addresses.
 */
final class Relay implements Relays.Ready {

    private static final int BACKLOG = 64;

    private final Selector selector;
    private final InetSocketAddress at;
    private final InetSocketAddress target;
    private final Set<RelayedConnection> connections = new HashSet<>();

    private @Nullable ServerSocketChannel listening;
    private boolean cut;

    Relay(Selector selector, InetSocketAddress at, InetSocketAddress target) {
        this.selector = selector;
        this.at = at;
        this.target = target;
    }

    /** Takes connections, if it does not yet. */
    void listen() throws IOException {
        if (listening != null) {
            return;
        }
        ServerSocketChannel channel = ServerSocketChannel.open();
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(at, BACKLOG);
            channel.configureBlocking(false);
            SelectionKey unused = channel.register(selector, cut ? 0 : SelectionKey.OP_ACCEPT, this);
        } catch (IOException e) {
            channel.close();
            throw new IOException(at + " cannot be opened: " + e.getMessage(), e);
        }
        listening = channel;
    }

    /** Refuses new connections, as the host of a server does that does not run. */
    void refuse() throws IOException {
        if (listening != null) {
            listening.close();
            listening = null;
            // Or the address stays bound until the selector comes to it.
            int unused = selector.selectNow(key -> {});
        }
    }

    void cut(boolean now) {
        cut = now;
        SelectionKey key = listening == null ? null : listening.keyFor(selector);
        if (key != null) {
            key.interestOps(now ? 0 : SelectionKey.OP_ACCEPT);
        }
        connections.forEach(connection -> connection.cut(now));
    }

    @Override
    public void ready(SelectionKey key) {
        try {
            SocketChannel client = ((ServerSocketChannel) key.channel()).accept();
            if (client != null) {
                RelayedConnection connection = new RelayedConnection(selector, client, connections::remove);
                connections.add(connection);
                connection.open(target);
            }
        } catch (IOException e) {
            // One connection less; whoever wanted it tries again.
            return;
        }
    }

    void close() {
        try {
            refuse();
        } catch (IOException e) {
            // It goes with the process.
            listening = null;
        }
        Set.copyOf(connections).forEach(RelayedConnection::close);
    }
}
