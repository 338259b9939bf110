// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.config;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One thing that can be configured: {@code client.port} in the file, {@code TIDEMARK_CLIENT_PORT} in the environment,
 * {@code --client.port=} as a flag.
 *
 * @param defaultText the default as it would be written in the file; empty if the option must be given
 */
public record Option<T>(String name, ValueType<T> type, Optional<String> defaultText, String description) {

    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]*(\\.[a-z][a-z0-9-]*)*");

    public Option {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("option name: '" + name + "' (expected: " + NAME + ")");
        }
        defaultText.ifPresent(type::check);
    }

    /** An option that must be given. */
    public static <T> Option<T> required(String name, ValueType<T> type, String description) {
        return new Option<>(name, type, Optional.empty(), description);
    }

    /** An option that may be left out. */
    public static <T> Option<T> withDefault(String name, ValueType<T> type, String defaultText, String description) {
        return new Option<>(name, type, Optional.of(defaultText), description);
    }

    /** Its name in the environment. */
    public String environmentName() {
        return Configuration.ENVIRONMENT_PREFIX
                + name.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
    }

    /** Its name as a flag. */
    public String flagName() {
        return "--" + name;
    }

    /** Its line in the reference, docs/configuration.md. */
    public String toMarkdown() {
        return String.format(
                "| `%s` | %s | %s | %s |",
                name,
                defaultText
                        .map(text -> text.isEmpty() ? "empty" : "`" + text + "`")
                        .orElse("must be given"),
                type.expectation(),
                description);
    }
}
