// SPDX-License-Identifier: Apache-2.0

/** What can be done with the data directory of a server that is stopped, without writing to it. */
@NullMarked
package io.tidemark.launcher.cli.offline;

import org.jspecify.annotations.NullMarked;
