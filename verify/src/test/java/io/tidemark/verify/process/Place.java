// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.process;

import java.util.List;
import java.util.Map;

/**
 * Where and how the process of a server runs.
 *
 * @param host the address that it listens on, and under which it is reached
 * @param runBy what its command is given to; it must become the command, under the same process id
 * @param environment added to what the test has
 * @param jvmOptions given after those that every server gets, so that they count
 */
public record Place(String host, List<String> runBy, Map<String, String> environment, List<String> jvmOptions) {

    /** On this machine, with nothing special. */
    public static final Place HERE = new Place("127.0.0.1", List.of(), Map.of(), List.of());

    /** For a test of many processes: they start soon, and take little memory. */
    public static final Place SMALL =
            HERE.with(List.of("-Xmx160m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:CICompilerCount=1"));

    public Place {
        runBy = List.copyOf(runBy);
        environment = Map.copyOf(environment);
        jvmOptions = List.copyOf(jvmOptions);
    }

    private Place with(List<String> options) {
        return new Place(host, runBy, environment, options);
    }

    /** The same, elsewhere. */
    public Place at(String otherHost, List<String> otherRunBy) {
        return new Place(otherHost, otherRunBy, environment, jvmOptions);
    }

    /** The same, with this environment. */
    public Place with(Map<String, String> otherEnvironment) {
        return new Place(host, runBy, otherEnvironment, jvmOptions);
    }
}
