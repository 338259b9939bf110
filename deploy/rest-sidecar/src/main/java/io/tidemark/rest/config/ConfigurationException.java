// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.config;

import java.util.List;

/** What is wrong with a configuration: all of it at once, each line fit to be shown to whoever wrote it. */
public final class ConfigurationException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public ConfigurationException(List<String> problems) {
        super(String.join("\n", problems));
    }
}
