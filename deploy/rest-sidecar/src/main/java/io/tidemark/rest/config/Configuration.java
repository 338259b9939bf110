// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.config;

import io.tidemark.api.NearestName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The effective value of each option, and where it came from. Immutable. */
public final class Configuration {

    static final String ENVIRONMENT_PREFIX = "TIDEMARK_";

    /** Ours too, but read by the launcher script. */
    private static final Set<String> LAUNCHER_ENVIRONMENT =
            Set.of("TIDEMARK_JAVA_OPTS", "TIDEMARK_CLASSPATH", "TIDEMARK_ENDPOINTS");

    private record Setting(Object value, String text, String source) {}

    private final Map<String, Setting> settings;

    private Configuration(Map<String, Setting> settings) {
        this.settings = settings;
    }

    /**
     * Reads all sources: defaults, the file, the environment, flags, each overriding those before.
     *
     * @param flags each {@code --name=value}
     * @throws ConfigurationException that names everything that is wrong in any source
     */
    public static Configuration load(
            List<Option<?>> options, @Nullable Path file, Map<String, String> environment, List<String> flags) {
        Sources sources = new Sources(options);
        if (file != null) {
            sources.file(file);
        }
        sources.environment(environment);
        sources.flags(flags);
        if (!sources.problems.isEmpty()) {
            throw new ConfigurationException(sources.problems);
        }
        return new Configuration(sources.finished());
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
        settings.forEach((name, setting) -> yaml.append(name)
                .append(": '")
                .append(setting.text().replace("'", "''"))
                .append("'  # ")
                .append(setting.source())
                .append('\n'));
        return yaml.toString();
    }

    /** Collects what the sources say, and what is wrong with it. */
    private static final class Sources {

        private final Map<String, Option<?>> byName = new LinkedHashMap<>();
        private final Map<String, Setting> given = new LinkedHashMap<>();
        private final List<String> problems = new ArrayList<>();

        Sources(List<Option<?>> options) {
            for (Option<?> option : options) {
                byName.put(option.name(), option);
                String text = option.defaultText();
                if (text != null) {
                    assign(option.name(), text, false, "default");
                }
            }
        }

        void file(Path file) {
            YamlDocument.flat(file, problems).forEach((name, value) -> {
                String source = String.valueOf(file.getFileName());
                if (value instanceof List<?> list) {
                    assign(
                            name,
                            String.join(",", list.stream().map(String::valueOf).toList()),
                            true,
                            source);
                } else {
                    assign(name, String.valueOf(value), false, source);
                }
            });
        }

        void environment(Map<String, String> environment) {
            Map<String, String> namesByVariable = new TreeMap<>();
            byName.values().forEach(option -> namesByVariable.put(option.environmentName(), option.name()));
            new TreeMap<>(environment).forEach((variable, text) -> {
                if (!variable.startsWith(ENVIRONMENT_PREFIX) || LAUNCHER_ENVIRONMENT.contains(variable)) {
                    return;
                }
                String name = namesByVariable.get(variable);
                if (name == null) {
                    problems.add("environment: unknown option '" + variable + "' ("
                            + NearestName.suggestion(variable, namesByVariable.keySet()) + ")");
                } else {
                    assign(name, text, false, "environment " + variable);
                }
            });
        }

        void flags(List<String> flags) {
            for (String flag : flags) {
                int equals = flag.indexOf('=');
                if (!flag.startsWith("--") || equals < 0) {
                    problems.add("flag: '" + flag + "' (expected: --name=value)");
                } else {
                    assign(flag.substring(2, equals), flag.substring(equals + 1), false, "flag");
                }
            }
        }

        private void assign(String name, String text, boolean isList, String source) {
            Option<?> option = byName.get(name);
            if (option == null) {
                problems.add(source + ": unknown option '" + name + "' ("
                        + NearestName.suggestion(name, byName.keySet()) + ")");
            } else if (isList && !option.form().isList()) {
                problems.add(source + ": one value for " + name + " expected here");
            } else {
                try {
                    given.put(name, new Setting(option.form().parser().apply(text), text, source));
                } catch (IllegalArgumentException | ArithmeticException e) {
                    problems.add(source + ": " + name + ": '" + text + "' (expected: "
                            + option.form().expectation() + ")");
                }
            }
        }

        Map<String, Setting> finished() {
            Map<String, Setting> settings = new LinkedHashMap<>();
            byName.forEach((name, option) -> {
                Setting setting = given.get(name);
                if (setting == null) {
                    problems.add(name + ": missing (expected: " + option.form().expectation()
                            + "; give it in the file, as " + option.environmentName() + " or as --" + name + "=)");
                } else {
                    settings.put(name, setting);
                }
            });
            if (!problems.isEmpty()) {
                throw new ConfigurationException(problems);
            }
            return settings;
        }
    }
}
