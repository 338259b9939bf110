// SPDX-License-Identifier: Apache-2.0

/**
 * One way to configure every role. An {@link io.tidemark.server.config.Option} is declared once; its value comes from its
 * default, the YAML file, the environment and the flags, each overriding those before; {@link
 * io.tidemark.server.config.Configuration} holds the effective values and knows where each came from.
 */
@NullMarked
package io.tidemark.server.config;

import org.jspecify.annotations.NullMarked;
