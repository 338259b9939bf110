// SPDX-License-Identifier: Apache-2.0

/**
 * A whole cluster on this machine, and the failures that one can give it. {@link io.tidemark.launcher.dev.DevCommand} runs it: that
 * process, the supervisor, starts the servers, passes on what they say to each other, and does what its subcommands ask for.
 *
 * <p>Threads of the supervisor: <em>main</em> starts the servers and waits for the order to stop; <em>relays</em> owns all connections
 * between servers; <em>control</em> takes orders, each of which has a thread of its own; <em>stop</em> runs when the process ends. What
 * they share is {@link io.tidemark.launcher.dev.ProcessCluster}, behind its monitor.
 */
@NullMarked
package io.tidemark.launcher.dev;

import org.jspecify.annotations.NullMarked;
