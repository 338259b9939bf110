// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.architecture.planted.replica;

import io.tidemark.verify.architecture.planted.node.Voter;

/** Points sideways. */
public class ReplicaThatVotes extends Voter {}
