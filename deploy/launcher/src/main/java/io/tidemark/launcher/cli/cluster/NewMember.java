// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.cluster;

import io.tidemark.proto.v1.AddNodeRequest;
import io.tidemark.proto.v1.FirstMember;
import io.tidemark.server.config.ValueType;
import io.tidemark.server.process.FirstNode;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a node as {@code cluster.nodes} names it. */
final class NewMember implements ITypeConverter<AddNodeRequest> {

    private static final ValueType<FirstNode> TYPE = FirstNode.type();

    @Override
    public AddNodeRequest convert(String text) {
        try {
            FirstMember member = TYPE.parser().apply(text).toMember();
            return AddNodeRequest.newBuilder()
                    .setNodeId(member.getNodeId())
                    .setRaftAddress(member.getRaftAddress())
                    .setInternalAddress(member.getInternalAddress())
                    .setClientAddress(member.getClientAddress())
                    .build();
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException("'" + text + "' (expected: " + TYPE.expectation() + ")");
        }
    }
}
