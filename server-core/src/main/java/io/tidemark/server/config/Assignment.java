// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.config;

/**
 * That a source gives an option a value.
 *
 * @param source where it stands, for people: "node.yaml:3", "environment TIDEMARK_CLIENT_PORT", "flag", "default"
 * @param isList whether the text was written as a list, and has commas between its elements
 */
record Assignment(String name, String text, String source, boolean isList) {

    Assignment(String name, String text, String source) {
        this(name, text, source, false);
    }
}
