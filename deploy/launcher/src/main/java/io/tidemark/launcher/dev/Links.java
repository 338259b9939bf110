// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import io.tidemark.server.process.StartException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The network between the servers of a cluster. Each server looks for all others at an address of the loopback interface that it alone is
 * told of ({@link HostsFile}), where relays pass its connections on; so a link has two ends that are known, and can be cut. Clients do not
 * come this way.
 *
 * <p>Its monitor guards who is cut off.
 */
final class Links implements AutoCloseable {

    private static final int FIRST_REPLICA = 100;

    /** What one server says to another goes through it. */
    private record Link(String from, String to, Relay relay) {}

    private final Relays relays;
    private final Map<String, String> addresses = new HashMap<>();
    private final List<Link> links = new ArrayList<>();
    private final Set<String> cutOff = new HashSet<>();

    private Links(Relays relays) {
        this.relays = relays;
    }

    /** Whether this machine has loopback addresses beside the usual one: Linux does. */
    static boolean arePossible() {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getByName(address(1)), 0));
            return true;
        } catch (IOException thereAreNone) {
            return false;
        }
    }

    /** Between all of them. Nobody is reachable yet. */
    static Links between(List<ServerPlan> servers) throws IOException {
        Links made = new Links(Relays.open());
        int nodes = 0;
        int replicas = FIRST_REPLICA;
        for (ServerPlan server : servers) {
            made.addresses.put(server.id(), address(server.isNode() ? ++nodes : ++replicas));
        }
        for (ServerPlan from : servers) {
            for (ServerPlan to : servers) {
                made.add(from, to, to.ports().internal(), ServerPlan.HOST);
                if (from.isNode() && to.isNode() && !from.equals(to)) {
                    // A node's raft port is bound to the address under which it knows itself.
                    made.add(from, to, to.ports().raft(), made.address(to));
                }
            }
        }
        return made;
    }

    private static String address(int server) {
        return "127.0.1." + server;
    }

    private void add(ServerPlan from, ServerPlan to, int port, String targetHost) throws IOException {
        InetSocketAddress at = new InetSocketAddress(address(from), port);
        links.add(new Link(from.id(), to.id(), relays.add(at, new InetSocketAddress(targetHost, port))));
    }

    /** Where this server finds the others. */
    String address(ServerPlan server) {
        String address = addresses.get(server.id());
        if (address == null) {
            throw new IllegalArgumentException(
                    "server: " + server.id() + " (expected: one of " + addresses.keySet() + ")");
        }
        return address;
    }

    /** From now on this server takes connections, as far as they get. */
    void running(String id) throws IOException {
        relays.perform(() -> {
            for (Link link : links) {
                if (link.to().equals(id)) {
                    try {
                        link.relay().listen();
                    } catch (IOException e) {
                        throw new StartException(
                                "the way from " + link.from() + " to " + id + ": " + e.getMessage(), e);
                    }
                }
            }
        });
    }

    /** This server has ended: connections to it are refused, by which the others see it. */
    void ended(String id) throws IOException {
        relays.perform(() -> {
            for (Link link : links) {
                if (link.to().equals(id)) {
                    link.relay().refuse();
                }
            }
        });
    }

    /** Nothing arrives at this server from others, and nothing from it at them. */
    synchronized void cut(String id) throws IOException {
        cutOff.add(id);
        apply();
    }

    synchronized void heal(String id) throws IOException {
        cutOff.remove(id);
        apply();
    }

    synchronized boolean isCutOff(String id) {
        return cutOff.contains(id);
    }

    private void apply() throws IOException {
        Set<String> now = Set.copyOf(cutOff);
        relays.perform(() -> links.forEach(link -> link.relay()
                .cut(!link.from().equals(link.to()) && (now.contains(link.from()) || now.contains(link.to())))));
    }

    @Override
    public void close() throws IOException {
        relays.close();
    }
}
