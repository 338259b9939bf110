// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import java.io.IOException;

/** Nobody takes what is written to standard output: the pipe is closed, or the disk is full. */
final class OutputClosedException extends IOException {

    private static final long serialVersionUID = 1L;

    OutputClosedException() {
        super("standard output could not be written: what was printed is not complete");
    }
}
