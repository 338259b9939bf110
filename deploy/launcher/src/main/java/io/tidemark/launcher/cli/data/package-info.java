// SPDX-License-Identifier: Apache-2.0

/** The commands that read, write and watch rows, each made of one class and of options that they have in common. */
@NullMarked
package io.tidemark.launcher.cli.data;

import org.jspecify.annotations.NullMarked;
