// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.simulation;

import io.tidemark.node.confirm.Peers;
import io.tidemark.node.consensus.Member;
import io.tidemark.proto.v1.ConfirmReadIndexRequest;
import io.tidemark.proto.v1.ConfirmReadIndexResponse;
import io.tidemark.proto.v1.ConfirmTermRequest;
import io.tidemark.proto.v1.ConfirmTermResponse;
import io.tidemark.proto.v1.TermVerdict;
import io.tidemark.verify.simulation.Links.Port;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** A node's way to the others. */
record SimulatedPeers(Cluster cluster, Machine.Lane lane) implements Peers {

    @Override
    public CompletableFuture<ConfirmTermResponse> confirmTerm(Member to, ConfirmTermRequest request, Duration within) {
        PlantedFault planted = cluster.setup().planted();
        if (planted == PlantedFault.CONFIRMATION_WITHOUT_A_ROUND) {
            return CompletableFuture.completedFuture(confirmed(
                    request,
                    ConfirmTermResponse.newBuilder()
                            .setHistoryId(request.getHistoryId())
                            .setNodeId(to.id())
                            .setRoundId(request.getRoundId())
                            .build()));
        }
        CompletableFuture<ConfirmTermResponse> answer = cluster.callNode(
                lane,
                to.internalAddress(),
                Port.INTERNAL,
                within,
                request,
                (node, asked, caller) -> node.confirmation().confirmTerm(asked, caller));
        return planted == PlantedFault.CONFIRMATION_OF_ANOTHER_TERM
                ? answer.thenApply(said -> confirmed(request, said))
                : answer;
    }

    private static ConfirmTermResponse confirmed(ConfirmTermRequest request, ConfirmTermResponse said) {
        return said.toBuilder()
                .setTerm(request.getTerm())
                .setVerdict(TermVerdict.TERM_VERDICT_CONFIRMED)
                .build();
    }

    @Override
    public CompletableFuture<ConfirmReadIndexResponse> confirmReadIndex(
            Member to, ConfirmReadIndexRequest request, Duration within) {
        return cluster.callNode(
                lane,
                to.internalAddress(),
                Port.INTERNAL,
                within,
                request,
                (node, asked, caller) -> node.confirmation().confirmReadIndex(asked, caller));
    }
}
