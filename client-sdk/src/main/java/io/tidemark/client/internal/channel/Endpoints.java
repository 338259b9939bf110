// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.channel;

import io.tidemark.client.internal.routing.Server;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** One endpoint for each server that is known. Thread-safe. */
public final class Endpoints implements AutoCloseable {

    private final Endpoint.Surroundings surroundings;
    private final Map<String, Endpoint> byAddress = new ConcurrentHashMap<>();
    private volatile boolean closed;

    public Endpoints(Endpoint.Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /** That of an address, {@code host:port}. */
    public Endpoint of(String address) {
        Endpoint known = byAddress.get(address);
        if (known != null) {
            return known;
        }
        Endpoint made = byAddress.computeIfAbsent(address, name -> new Endpoint(name, surroundings));
        if (closed) {
            made.shutdownNow();
        }
        return made;
    }

    /** The server at an address, if that is known. */
    public Stream<Server> known(String address) {
        return Stream.ofNullable(byAddress.get(address)).map(Endpoint::server);
    }

    /** Whether it has not been forgotten. */
    public boolean has(Server server) {
        Endpoint known = byAddress.get(server.address());
        return known != null && known.server() == server;
    }

    /** Forgets all others, which the caller is to shut down, and while it holds no lock: calls may end then. */
    public List<Endpoint> retain(Set<String> addresses) {
        List<Endpoint> forgotten = new ArrayList<>();
        byAddress.forEach((address, endpoint) -> {
            if (!addresses.contains(address) && byAddress.remove(address, endpoint)) {
                forgotten.add(endpoint);
            }
        });
        return forgotten;
    }

    /** Indexes count anew at all of them. */
    public void historyChanged() {
        byAddress.values().forEach(endpoint -> endpoint.server().historyChanged());
    }

    /** Ends every connection, and what is under way there. */
    @Override
    public void close() {
        closed = true;
        byAddress.values().forEach(Endpoint::shutdownNow);
    }
}
