// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

/** Is told which figures there are: those of a leader come and go. On any thread; must be quick. */
public interface FigureListener {

    void added(Figure figure);

    void removed(Figure figure);
}
