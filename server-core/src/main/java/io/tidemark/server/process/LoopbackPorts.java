// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/**
 * Ports of the loopback interface for servers that are started, and started again, on this machine. They lie below those that the
 * system gives to connections, any of which may be taken by one before the server comes to it. Thread-safe.
 */
public final class LoopbackPorts {

    private static final int MIN = 10_000;
    private static final int MAX = 32_000;
    private static final int ATTEMPTS_MAX = 1_000;

    /** Each is given once. */
    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    private LoopbackPorts() {}

    /**
     * One that nobody listens on, and that this process was not given before. Another process may take it meanwhile.
     *
     * @throws StartException if none is found
     */
    public static int next() {
        RandomGenerator random = RandomGenerator.getDefault();
        for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
            int port = random.nextInt(MIN, MAX);
            if (GIVEN.add(port) && isFree(port)) {
                return port;
            }
        }
        throw new StartException("no free port from " + MIN + " to " + MAX + " on the loopback interface");
    }

    /** Whether nobody listens there, at any address of this machine: servers of one cluster may have loopback addresses of their own. */
    public static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}
