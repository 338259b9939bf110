// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import com.google.protobuf.ByteString;
import io.tidemark.node.consensus.ProposalOutcome;
import java.util.concurrent.CompletableFuture;

/** Takes encoded entries into the log, in the order of the calls. */
@FunctionalInterface
public interface Proposer {

    /** Completes once the entry is applied, or is known not to be, or can no longer be told; never fails. */
    CompletableFuture<ProposalOutcome> propose(ByteString entry);
}
