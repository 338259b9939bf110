// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.architecture.planted.node;

/** What a replica must not see. */
public class Voter {}
