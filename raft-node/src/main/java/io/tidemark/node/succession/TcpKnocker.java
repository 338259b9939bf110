// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.succession;

import com.google.common.net.HostAndPort;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** Opens a connection, and closes it at once. For any thread. */
public final class TcpKnocker implements Knocker {

    private final Executor waiting;
    private final Duration within;

    /**
     * Knocks at nobody yet.
     *
     * @param waiting waits for the network
     * @param within after which a port is silent
     */
    public TcpKnocker(Executor waiting, Duration within) {
        this.waiting = waiting;
        this.within = within;
    }

    @Override
    public CompletableFuture<Knock> knock(String address) {
        try {
            return CompletableFuture.supplyAsync(() -> knockAt(address), waiting);
        } catch (RejectedExecutionException stopping) {
            return CompletableFuture.completedFuture(Knock.SILENT);
        }
    }

    private Knock knockAt(String address) {
        HostAndPort at = HostAndPort.fromString(address);
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(at.getHost(), at.getPort()), (int) within.toMillis());
            return Knock.ANSWERED;
        } catch (ConnectException refused) {
            // An operating system that gives up by itself throws this too, but takes far longer than is waited for
            // here.
            return Knock.REFUSED;
        } catch (IOException e) {
            return Knock.SILENT;
        }
    }
}
