// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.config;

import io.tidemark.api.NearestName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The effective value of each option of a role, and where it came from. Immutable. */
public final class Configuration {

    /** What every name in the environment starts with that is ours. */
    public static final String ENVIRONMENT_PREFIX = "TIDEMARK_";

    /** Ours too, but read by the launcher, or by commands that ask servers. */
    private static final Set<String> LAUNCHER_ENVIRONMENT =
            Set.of("TIDEMARK_JAVA_OPTS", "TIDEMARK_CLASSPATH", "TIDEMARK_ENDPOINTS");

    private record Setting(Object value, String text, String source) {}

    private final List<Option<?>> options;
    private final Map<String, Setting> settings;

    private Configuration(List<Option<?>> options, Map<String, Setting> settings) {
        this.options = options;
        this.settings = settings;
    }

    /**
     * Reads all sources.
     *
     * @param flags each {@code --name=value}
     * @throws ConfigurationException that names everything that is wrong in any source
     */
    public static Configuration load(
            List<Option<?>> options, Optional<Path> file, Map<String, String> environment, List<String> flags) {
        List<String> problems = new ArrayList<>();
        Map<String, Option<?>> byName =
                options.stream().collect(Collectors.toMap(Option::name, o -> o, (a, b) -> a, LinkedHashMap::new));
        Map<String, Assignment> assigned = new TreeMap<>();

        options.forEach(option -> option.defaultText()
                .ifPresent(text -> assigned.put(option.name(), new Assignment(option.name(), text, "default"))));
        file.ifPresent(f -> assign(YamlFile.read(f, problems), byName, assigned, problems));
        assign(fromEnvironment(environment, options, problems), byName, assigned, problems);
        assign(fromFlags(flags, problems), byName, assigned, problems);

        Map<String, Setting> settings = new TreeMap<>();
        for (Option<?> option : options) {
            Assignment assignment = assigned.get(option.name());
            if (assignment == null) {
                problems.add(option.name() + ": missing (expected: "
                        + option.type().expectation() + "; give it in the file, as " + option.environmentName()
                        + " or as " + option.flagName() + "=)");
            } else {
                parse(option, assignment, problems).ifPresent(setting -> settings.put(option.name(), setting));
            }
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new Configuration(List.copyOf(options), settings);
    }

    /** The value of one of the options that were loaded. */
    @SuppressWarnings("unchecked")
    public <T> T get(Option<T> option) {
        Setting setting = settings.get(option.name());
        if (setting == null) {
            throw new IllegalArgumentException("option " + option.name() + " was not loaded");
        }
        return (T) setting.value();
    }

    /** The effective configuration as a YAML file that says of each value where it came from. */
    public String toYaml() {
        StringBuilder yaml = new StringBuilder();
        for (Option<?> option : options) {
            Setting setting = settings.get(option.name());
            if (setting != null) {
                yaml.append(String.format(
                        "%s: '%s'  # %s%n", option.name(), setting.text().replace("'", "''"), setting.source()));
            }
        }
        return yaml.toString();
    }

    private static void assign(
            List<Assignment> assignments,
            Map<String, Option<?>> byName,
            Map<String, Assignment> assigned,
            List<String> problems) {
        for (Assignment assignment : assignments) {
            Option<?> option = byName.get(assignment.name());
            if (option != null && assignment.isList() && !option.type().isList()) {
                problems.add(assignment.source() + ": one value for " + assignment.name() + " expected here");
            } else if (option != null) {
                assigned.put(assignment.name(), assignment);
            } else {
                problems.add(unknown(
                        assignment.source(),
                        assignment.name(),
                        byName.keySet().stream().toList()));
            }
        }
    }

    private static List<Assignment> fromEnvironment(
            Map<String, String> environment, List<Option<?>> options, List<String> problems) {
        Map<String, String> namesByVariable =
                options.stream().collect(Collectors.toMap(Option::environmentName, Option::name));
        List<Assignment> found = new ArrayList<>();
        new TreeMap<>(environment).forEach((variable, text) -> {
            if (!variable.startsWith(ENVIRONMENT_PREFIX) || LAUNCHER_ENVIRONMENT.contains(variable)) {
                return;
            }
            String name = namesByVariable.get(variable);
            if (name == null) {
                problems.add(unknown(
                        "environment",
                        variable,
                        namesByVariable.keySet().stream().sorted().toList()));
            } else {
                found.add(new Assignment(name, text, "environment " + variable));
            }
        });
        return found;
    }

    private static List<Assignment> fromFlags(List<String> flags, List<String> problems) {
        List<Assignment> found = new ArrayList<>();
        for (String flag : flags) {
            int equals = flag.indexOf('=');
            if (!flag.startsWith("--") || equals < 0) {
                problems.add("flag: '" + flag + "' (expected: --name=value)");
            } else {
                found.add(new Assignment(flag.substring(2, equals), flag.substring(equals + 1), "flag"));
            }
        }
        return found;
    }

    private static Optional<Setting> parse(Option<?> option, Assignment assignment, List<String> problems) {
        try {
            Object value = option.type().parse(assignment.text());
            return Optional.of(new Setting(value, assignment.text(), assignment.source()));
        } catch (IllegalArgumentException e) {
            problems.add(assignment.source() + ": " + option.name() + ": '" + assignment.text() + "' (expected: "
                    + option.type().expectation() + ")");
            return Optional.empty();
        }
    }

    private static String unknown(String source, String name, List<String> known) {
        return source + ": unknown option '" + name + "' (" + NearestName.suggestion(name, known) + ")";
    }
}
