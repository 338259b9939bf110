// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.config;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One thing that can be configured: {@code rest.port} in the file, {@code TIDEMARK_REST_PORT} in the environment, {@code --rest.port=}
 * as a flag.
 *
 * @param defaultText the default as it would be written in the file; null if the option must be given
 */
public record Option<T>(String name, Form<T> form, @Nullable String defaultText, String description) {

    /** Its name in the environment. */
    String environmentName() {
        return Configuration.ENVIRONMENT_PREFIX
                + name.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
    }

    /** Its line in the reference, docs/configuration.md. */
    public String toMarkdown() {
        String shown =
                defaultText == null ? "must be given" : defaultText.isEmpty() ? "empty" : "`" + defaultText + "`";
        return "| `" + name + "` | " + shown + " | " + form.expectation() + " | " + description + " |";
    }
}
