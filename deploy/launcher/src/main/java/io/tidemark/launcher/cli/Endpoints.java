// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which servers a command asks.
 *
 * @param addresses client addresses, {@code host:port}
 * @param source who said so, for people
 */
public record Endpoints(List<String> addresses, String source) {

    /** The environment variable that says it for every command. */
    static final String VARIABLE = "TIDEMARK_ENDPOINTS";

    private static final String USUAL = "127.0.0.1:7400";

    public Endpoints {
        addresses = List.copyOf(addresses);
    }

    /**
     * What was said last: on the command line, in the environment, by a development cluster that runs here; else the usual port of this
     * machine.
     *
     * @param flag what was given on the command line; null: nothing
     * @param directory the working directory
     * @throws IllegalArgumentException if something was said and it names no servers
     */
    static Endpoints choose(@Nullable String flag, Map<String, String> environment, Path directory) {
        if (flag != null) {
            return new Endpoints(parse(flag), "--endpoints");
        }
        String variable = environment.get(VARIABLE);
        if (variable != null && !variable.isBlank()) {
            return new Endpoints(parse(variable), VARIABLE);
        }
        return DevClusterFile.runningIn(directory)
                .map(found -> new Endpoints(found, DevClusterFile.FILE))
                .orElseGet(() -> new Endpoints(List.of(USUAL), "the usual port of this machine"));
    }

    private static List<String> parse(String text) {
        List<String> addresses =
                Arrays.stream(text.split(",", -1)).map(String::strip).toList();
        for (String address : addresses) {
            int colon = address.lastIndexOf(':');
            String port = address.substring(colon + 1);
            if (colon < 1 || !port.matches("\\d{1,5}")) {
                throw new IllegalArgumentException(
                        "endpoints: '" + text + "' (expected: host:port, several separated by commas)");
            }
        }
        return addresses;
    }

    /** As the SDK takes them. */
    public String joined() {
        return String.join(",", addresses);
    }
}
