// SPDX-License-Identifier: Apache-2.0

/** What proves it: process harness, architecture rules, fault suite, history checkers, simulation. */
@NullMarked
package io.tidemark.verify;

import org.jspecify.annotations.NullMarked;
