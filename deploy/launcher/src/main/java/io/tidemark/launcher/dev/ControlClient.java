// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Gives orders to the supervisor of a cluster. */
final class ControlClient {

    private static final int BYTES_MAX = 1 << 20;

    private ControlClient() {}

    /**
     * Gives one, and waits until it is carried out.
     *
     * @throws IOException if nobody takes it, or nothing comes back
     */
    static Order.Outcome give(Path socket, Order order) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            write(channel, order.toLine() + "\n");
            int exitCode;
            try {
                exitCode = Integer.parseInt(readLine(channel));
            } catch (NumberFormatException e) {
                throw new IOException("the supervisor ended while it was carrying out the order", e);
            }
            return new Order.Outcome(exitCode, read(channel, -1));
        }
    }

    static void write(SocketChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            int unused = channel.write(bytes);
        }
    }

    /** Up to the end of the line, without it; or of the stream. */
    static String readLine(SocketChannel channel) throws IOException {
        return read(channel, '\n');
    }

    private static String read(SocketChannel channel, int end) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        // One by one, since what is behind the end belongs to the next; there is little of it.
        ByteBuffer one = ByteBuffer.allocate(1);
        while (channel.read(one) > 0) {
            byte read = one.flip().get();
            if (read == end) {
                break;
            }
            bytes.write(read);
            if (bytes.size() > BYTES_MAX) {
                throw new IOException("more than " + BYTES_MAX + " bytes");
            }
            one.clear();
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
