// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.channel;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The servers that a client was given to begin with, {@code host:port}: hosts are names, behind each of which any number of
 * addresses may stand, now these and later others, or addresses themselves.
 */
public final class Seeds {

    private final List<HostAndPort> given;
    private final NameLookup lookup;

    /** Finds the addresses behind a name. Blocks. */
    @FunctionalInterface
    public interface NameLookup {
        InetAddress[] addressesOf(String host) throws UnknownHostException;
    }

    private record HostAndPort(String host, String port) {}

    /**
     * Reads a list.
     *
     * @param list separated by commas
     * @throws IllegalArgumentException if it is not such a list
     */
    public static Seeds parse(String list, NameLookup lookup) {
        List<HostAndPort> given = new ArrayList<>();
        for (String part : list.split(",", -1)) {
            given.add(parse(part.strip()));
        }
        return new Seeds(given, lookup);
    }

    private static HostAndPort parse(String part) {
        int colon = part.lastIndexOf(':');
        String host = colon < 0 ? "" : part.substring(0, colon);
        String port = part.substring(colon + 1);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (host.isEmpty() || (host.indexOf(':') >= 0 && !bracketed) || !isPort(port)) {
            throw new IllegalArgumentException("server: '" + part + "' (expected: host:port)");
        }
        return new HostAndPort(bracketed ? host.substring(1, host.length() - 1) : host, port);
    }

    private static boolean isPort(String text) {
        return text.matches("[0-9]{1,5}") && Integer.parseInt(text) > 0 && Integer.parseInt(text) < 1 << 16;
    }

    private Seeds(List<HostAndPort> given, NameLookup lookup) {
        this.given = List.copyOf(given);
        this.lookup = lookup;
    }

    /** How many were given. */
    public int count() {
        return given.size();
    }

    /** Every address behind one of them now, {@code address:port}; none if its name is not known. Blocks. */
    public Set<String> resolve(int number) {
        HostAndPort seed = given.get(number);
        Set<String> found = new LinkedHashSet<>();
        try {
            for (InetAddress address : lookup.addressesOf(seed.host())) {
                found.add(text(address) + ":" + seed.port());
            }
        } catch (UnknownHostException e) {
            // The next look-up may find it; who is known by then is told when a call fails.
        }
        return found;
    }

    private static String text(InetAddress address) {
        String text = address.getHostAddress();
        return text.indexOf(':') < 0 ? text : "[" + text + "]";
    }

    /** As they were given. */
    @Override
    public String toString() {
        return String.join(
                ",", given.stream().map(seed -> seed.host() + ":" + seed.port()).toList());
    }
}
