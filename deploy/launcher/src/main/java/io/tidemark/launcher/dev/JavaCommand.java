// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * How a further process of this command is started.
 *
 * @param mainClass of the command
 * @param feature which Java it is, such as 17
 * @param sharing the options by which the Java that runs this shares classes with others; none if it does not
 * @param userOptions what the user gives to every Java, so that it counts most
 */
record JavaCommand(String mainClass, int feature, List<String> sharing, List<String> userOptions) {

    private static final int WARNS_OF_UNSAFE = 23;
    private static final Pattern SHARING = Pattern.compile("-XX:SharedArchiveFile=|-Xlog:cds");
    private static final Pattern COLLECTOR = Pattern.compile("-XX:\\+Use\\w*GC");

    JavaCommand {
        sharing = List.copyOf(sharing);
        userOptions = List.copyOf(userOptions);
    }

    /** The Java that runs this. */
    static JavaCommand here(String mainClass) {
        String options = System.getenv("TIDEMARK_JAVA_OPTS");
        return new JavaCommand(
                mainClass,
                Runtime.version().feature(),
                ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                        .filter(option -> SHARING.matcher(option).lookingAt())
                        .toList(),
                options == null || options.isBlank()
                        ? List.of()
                        : List.of(options.strip().split("\\s+", -1)));
    }

    /**
     * The command, as a list.
     *
     * @param options for Java, behind which come the user's
     * @param arguments for the command
     */
    List<String> with(List<String> options, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:+ExitOnOutOfMemoryError");
        command.add("--enable-native-access=ALL-UNNAMED");
        if (feature >= WARNS_OF_UNSAFE) {
            command.add("--sun-misc-unsafe-memory-access=allow");
        }
        command.addAll(sharing);
        // Two collectors would be an error, so a user's replaces ours.
        boolean ownCollector = userOptions.stream().anyMatch(COLLECTOR.asMatchPredicate());
        options.stream()
                .filter(option -> !ownCollector || !COLLECTOR.matcher(option).matches())
                .forEach(command::add);
        command.addAll(userOptions);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(mainClass);
        command.addAll(arguments);
        return command;
    }
}
