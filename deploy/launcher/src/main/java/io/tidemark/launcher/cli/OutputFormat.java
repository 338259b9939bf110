// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import java.util.Locale;

/** The form of what a command prints. */
public enum OutputFormat {
    /** For people. */
    TABLE,
    /** For programs: one document, or where results come one by one, one a line. */
    JSON,
    /** For people who want all of it: one document, or where results come one by one, one for each. */
    YAML;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
