// SPDX-License-Identifier: Apache-2.0

/**
 * What all commands share that talk to a cluster: whom they ask ({@link io.tidemark.launcher.cli.ClusterCommand}), what they print
 * ({@link io.tidemark.launcher.cli.Output}), how they fail ({@link io.tidemark.launcher.cli.Failures}) and what they end with ({@link
 * io.tidemark.launcher.cli.ExitCode}).
 */
@NullMarked
package io.tidemark.launcher.cli;

import org.jspecify.annotations.NullMarked;
