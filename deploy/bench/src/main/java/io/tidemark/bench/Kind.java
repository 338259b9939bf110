// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

/** The kinds of call that a load is made of. */
public enum Kind {
    PUT,
    GET
}
