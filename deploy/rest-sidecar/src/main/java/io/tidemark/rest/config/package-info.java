// SPDX-License-Identifier: Apache-2.0

/** The sidecar's options: a YAML file, the environment and flags, by the rules of the other roles. Start at {@link io.tidemark.rest.config.Configuration}. */
@NullMarked
package io.tidemark.rest.config;

import org.jspecify.annotations.NullMarked;
