// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.birth;

import com.google.common.hash.Hashing;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.BirthPlan;
import io.tidemark.proto.v1.FormedCluster;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Two ids as a function of all that was agreed. Stored by every cluster: what it computes must never change. */
final class ClusterIds {

    private static final int BASE = 36;
    private static final BigInteger RANGE = BigInteger.valueOf(BASE).pow(HistoryId.LENGTH);

    private ClusterIds() {}

    /** What all first members come to. */
    static FormedCluster form(BirthPlan plan, List<String> diskIds) {
        return FormedCluster.newBuilder()
                .setClusterId(id("cluster", plan, diskIds))
                .setFirstHistoryId(id("history", plan, diskIds))
                .setPlan(plan)
                .addAllDiskIds(diskIds)
                .build();
    }

    /** Whether it says of itself what follows from it. */
    static boolean isWhole(FormedCluster cluster) {
        return cluster.getDiskIdsCount() == cluster.getPlan().getMembersCount()
                && form(cluster.getPlan(), cluster.getDiskIdsList()).equals(cluster);
    }

    private static String id(String kind, BirthPlan plan, List<String> diskIds) {
        StringBuilder text = new StringBuilder("tidemark ").append(kind).append('\n');
        write(plan, text);
        diskIds.forEach(id -> text.append("disk ").append(id).append('\n'));
        byte[] hash = Hashing.sha256().hashString(text, StandardCharsets.UTF_8).asBytes();
        String digits = new BigInteger(1, hash).mod(RANGE).toString(BASE);
        return "0".repeat(HistoryId.LENGTH - digits.length()) + digits;
    }

    /** By number and not by protobuf's own bytes, whose order it does not promise. */
    private static void write(Message message, StringBuilder text) {
        // In the order of the numbers; fields that are not set, also those that are yet to come, do not count.
        for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
            List<?> values = field.getKey().isRepeated() ? (List<?>) field.getValue() : List.of(field.getValue());
            for (Object value : values) {
                text.append(field.getKey().getNumber());
                if (value instanceof Message inner) {
                    text.append("{\n");
                    write(inner, text);
                    text.append("}\n");
                } else {
                    String scalar = value.toString();
                    text.append('(')
                            .append(scalar.length())
                            .append(") ")
                            .append(scalar)
                            .append('\n');
                }
            }
        }
    }
}
