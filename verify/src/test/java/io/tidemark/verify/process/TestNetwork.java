// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * Hosts of a test's own on this machine: a network namespace each, all on one bridge, through which the test reaches them. Needs
 * root and Debian's {@code iproute2}. Belongs to one thread.
 *
 * <p>What is lost is lost in silence, as on a broken network: a host that must not reach another is given a hardware
 * address for it that nobody has. So each direction of each pair of hosts is cut alone, and no firewall is needed.
 *
 * <p>Namespaces outlive processes, so whoever removes them must outlive the test: a shell that waits for its input to
 * end, which happens however the test ends, then kills what runs in the namespaces, by process id, and removes them. What a
 * shell could not remove, because the machine stopped, the next test does: names carry the id of the test's process.
 */
public final class TestNetwork implements AutoCloseable {

    private static final String PREFIX = "tidemark-";
    private static final String NOBODY = "02:ff:ff:ff:ff:ff";
    private static final int SUBNETS = 256;
    private static final long COMMAND_SECONDS = 20;

    /** Reads to the end of its input, and removes everything. The arguments: the bridge, then a namespace and a link each. */
    private static final String REMOVAL = """
            trap '' INT TERM HUP
            while read -r unused; do :; done
            bridge=$1
            shift
            while [ $# -gt 0 ]; do
              for pid in $(ip netns pids "$1" 2>/dev/null); do kill -9 "$pid" 2>/dev/null; done
              ip link del "$2" 2>/dev/null
              ip netns del "$1" 2>/dev/null
              shift 2
            done
            ip link del "$bridge" 2>/dev/null
            """;

    /** One machine of this network. */
    private record Host(String namespace, String link, String address, String hardware) {}

    private final String bridge;
    private final Map<String, Host> hosts = new LinkedHashMap<>();
    private final Process remover;

    private TestNetwork(String bridge, Map<String, Host> hosts, Process remover) {
        this.bridge = bridge;
        this.hosts.putAll(hosts);
        this.remover = remover;
    }

    /** Why there can be none here; empty: there can. */
    public static Optional<String> obstacle() {
        if (!"root".equals(System.getProperty("user.name"))) {
            return Optional.of("network namespaces need root, and this is " + System.getProperty("user.name"));
        }
        try {
            String probe = PREFIX + ProcessHandle.current().pid() + "-probe";
            run("ip", "netns", "add", probe);
            run("ip", "netns", "del", probe);
            return Optional.empty();
        } catch (AssertionError | UncheckedIOException e) {
            return Optional.of("network namespaces cannot be made here: " + e.getMessage());
        }
    }

    /** A network of these hosts, whose names are those of the servers that will run there. */
    public static TestNetwork of(List<String> names) {
        removeLeftovers();
        long pid = ProcessHandle.current().pid();
        String tag = Long.toString(pid, Character.MAX_RADIX);
        String bridge = "tmb" + tag;
        int subnet = freeSubnet();
        Map<String, Host> hosts = new LinkedHashMap<>();
        List<String> removal =
                new ArrayList<>(List.of("setsid", "sh", "-c", REMOVAL, "remove-" + PREFIX + pid, bridge));
        for (String name : names) {
            int number = hosts.size() + 2;
            Host host = new Host(
                    PREFIX + pid + "-" + name,
                    "tm" + tag + name,
                    address(subnet, number),
                    String.format("02:00:00:00:%02x:%02x", subnet, number));
            hosts.put(name, host);
            removal.add(host.namespace());
            removal.add(host.link());
        }
        Process remover;
        try {
            // Before anything is made, so that nothing is ever without it.
            remover = new ProcessBuilder(removal)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        TestNetwork network = new TestNetwork(bridge, hosts, remover);
        try {
            network.build(subnet);
            return network;
        } catch (RuntimeException | Error e) {
            network.close();
            throw e;
        }
    }

    private void build(int subnet) {
        String hardware = String.format("02:00:00:00:%02x:01", subnet);
        run("ip", "link", "add", bridge, "address", hardware, "type", "bridge");
        run("ip", "addr", "add", address(subnet, 1) + "/24", "dev", bridge);
        run("ip", "link", "set", bridge, "up");
        hosts.forEach((name, host) -> {
            run("ip", "netns", "add", host.namespace());
            run("ip", "link", "add", host.link(), "type", "veth", "peer", "name", "eth0", "netns", host.namespace());
            run("ip", "link", "set", host.link(), "master", bridge, "up");
            run("ip", "-n", host.namespace(), "link", "set", "lo", "up");
            run("ip", "-n", host.namespace(), "link", "set", "eth0", "address", host.hardware(), "up");
            run("ip", "-n", host.namespace(), "addr", "add", host.address() + "/24", "dev", "eth0");
        });
        healAll();
    }

    /** Where a server of that name runs, otherwise as it would. */
    public Place place(String name, Place base) {
        Host host = host(name);
        return base.at(host.address(), List.of("ip", "netns", "exec", host.namespace()));
    }

    /** What one sends to the other is lost; not what the other sends. */
    public void cut(String from, String to) {
        neighbour(host(from), host(to), NOBODY);
    }

    /** Neither hears of the other. */
    public void cutBothWays(String one, String other) {
        cut(one, other);
        cut(other, one);
    }

    /** Everybody reaches everybody. */
    public void healAll() {
        for (Host from : hosts.values()) {
            for (Host to : hosts.values()) {
                if (!from.equals(to)) {
                    neighbour(from, to, to.hardware());
                }
            }
        }
    }

    /** Some of what each host sends is lost. Needs {@code nft}: gives why it cannot be. */
    public Optional<String> lose(int percent) {
        for (Host host : hosts.values()) {
            String rules = "table inet tidemark {\n chain lose {\n  type filter hook output priority 0\n"
                    + "  oifname \"eth0\" numgen random mod 100 < " + percent + " drop\n }\n}\n";
            try {
                inNamespace(host, rules, "nft", "-f", "-");
            } catch (AssertionError | UncheckedIOException e) {
                return Optional.of("no loss: " + e.getMessage());
            }
        }
        return Optional.empty();
    }

    /** Nothing is lost any more. */
    public void loseNothing() {
        hosts.values().forEach(host -> inNamespace(host, "", "nft", "delete", "table", "inet", "tidemark"));
    }

    /**
     * What each host sends goes through a narrow pipe, so that it comes late, and what does not fit is lost. Needs a kernel with
     * that queue: gives why it cannot be.
     */
    public Optional<String> narrow(String rate, String latency) {
        for (Host host : hosts.values()) {
            try {
                inNamespace(
                        host, "", "tc", "qdisc", "replace", "dev", "eth0", "root", "tbf", "rate", rate, "burst", "4kb",
                        "latency", latency);
            } catch (AssertionError | UncheckedIOException e) {
                return Optional.of("no narrow pipe: " + e.getMessage());
            }
        }
        return Optional.empty();
    }

    /** As wide as it is. */
    public void widen() {
        hosts.values().forEach(host -> inNamespace(host, "", "tc", "qdisc", "del", "dev", "eth0", "root"));
    }

    /** Kills what runs in it, and removes it. */
    @Override
    public void close() {
        try {
            remover.getOutputStream().close();
            if (!remover.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("the network " + bridge + " is not removed after " + COMMAND_SECONDS + " s");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** The namespaces of tests whose process is no more. */
    private static void removeLeftovers() {
        for (String line : run("ip", "netns", "list").lines().toList()) {
            String name = line.split(" ", 2)[0];
            if (!name.startsWith(PREFIX)) {
                continue;
            }
            String pid = name.substring(PREFIX.length()).split("-", 2)[0];
            if (pid.matches("[0-9]+") && !Files.exists(Path.of("/proc", pid))) {
                for (String running : run("ip", "netns", "pids", name).lines().toList()) {
                    ProcessHandle.of(Long.parseLong(running.strip())).ifPresent(ProcessHandle::destroyForcibly);
                }
                // Takes the other end of its link with it.
                run("ip", "netns", "del", name);
                String bridge = "tmb" + Long.toString(Long.parseLong(pid), Character.MAX_RADIX);
                if (Files.exists(Path.of("/sys/class/net", bridge))) {
                    run("ip", "link", "del", bridge);
                }
            }
        }
    }

    /** Of the addresses that are set apart for testing networks (RFC 2544), a part that is not in use here. */
    private static int freeSubnet() {
        Set<Integer> taken = new HashSet<>();
        String routes = run("ip", "-4", "route", "show");
        for (int subnet = 0; subnet < SUBNETS; subnet++) {
            if (routes.contains("198.18." + subnet + ".")) {
                taken.add(subnet);
            }
        }
        SplittableRandom random = new SplittableRandom();
        for (int attempt = 0; attempt < 10 * SUBNETS; attempt++) {
            int subnet = random.nextInt(SUBNETS);
            if (!taken.contains(subnet)) {
                return subnet;
            }
        }
        throw new AssertionError("no free subnet of 198.18.0.0/16; routes: " + routes);
    }

    private static String address(int subnet, int number) {
        return "198.18." + subnet + "." + number;
    }

    private void neighbour(Host from, Host to, String hardware) {
        run(
                "ip",
                "-n",
                from.namespace(),
                "neigh",
                "replace",
                to.address(),
                "lladdr",
                hardware,
                "nud",
                "permanent",
                "dev",
                "eth0");
    }

    private Host host(String name) {
        Host host = hosts.get(name);
        if (host == null) {
            throw new IllegalArgumentException("host: '" + name + "' (expected: one of " + hosts.keySet() + ")");
        }
        return host;
    }

    private static void inNamespace(Host host, String input, String... command) {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", host.namespace()));
        all.addAll(List.of(command));
        String unused = Tool.run(input, all);
    }

    private static String run(String... command) {
        return Tool.run("", List.of(command));
    }
}
