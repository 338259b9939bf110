// SPDX-License-Identifier: Apache-2.0
package io.tidemark.distribution;

import io.tidemark.rest.config.SidecarConfig;
import java.util.List;
import java.util.Optional;

/**
 * An option of any role, as its files in {@code deploy/conf} show it.
 *
 * @param expectation what is expected, as a noun phrase
 * @param defaultText as it would be written in the file; empty if the option must be given
 */
record DocumentedOption(
        String name, String description, String expectation, Optional<String> defaultText, boolean isList) {

    /** All that the role has. */
    static List<DocumentedOption> of(String role) {
        if (role.equals(SidecarOptions.ROLE)) {
            return SidecarConfig.OPTIONS.stream()
                    .map(option -> new DocumentedOption(
                            option.name(),
                            option.description(),
                            option.form().expectation(),
                            Optional.ofNullable(option.defaultText()),
                            option.form().isList()))
                    .toList();
        }
        return ServerOptions.options(role).stream()
                .map(option -> new DocumentedOption(
                        option.name(),
                        option.description(),
                        option.type().expectation(),
                        option.defaultText(),
                        option.type().isList()))
                .toList();
    }
}
