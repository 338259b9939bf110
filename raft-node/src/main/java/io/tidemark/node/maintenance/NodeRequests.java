// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.maintenance;

import io.tidemark.node.consensus.Member;
import io.tidemark.proto.v1.AddNodeRequest;
import io.tidemark.store.Refusal;
import java.util.regex.Pattern;

/** Reads what requests say of nodes. */
final class NodeRequests {

    private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
    private static final Pattern ADDRESS = Pattern.compile("[^\\s:]+:[0-9]{1,5}|\\[[0-9a-fA-F:]+]:[0-9]{1,5}");

    private NodeRequests() {}

    /** @param path of the request's fields, for errors */
    static Member member(AddNodeRequest request, String path) {
        if (!ID.matcher(request.getNodeId()).matches()) {
            throw wrong(path + "node_id", request.getNodeId(), "1 to 63 of a-z, 0-9 and -");
        }
        requireAddress(path + "raft_address", request.getRaftAddress());
        requireAddress(path + "internal_address", request.getInternalAddress());
        requireAddress(path + "client_address", request.getClientAddress());
        return new Member(
                request.getNodeId(),
                request.getRaftAddress(),
                request.getInternalAddress(),
                request.getClientAddress());
    }

    private static void requireAddress(String field, String address) {
        if (!ADDRESS.matcher(address).matches()) {
            throw wrong(field, address, "host:port");
        }
    }

    static RuntimeException wrong(String field, String value, String expected) {
        return Refusal.ofField(field, "\"" + value + "\" (expected: " + expected + ")")
                .status()
                .toException();
    }
}
