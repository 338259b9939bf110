// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.birth;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import io.tidemark.proto.v1.BirthPlan;
import io.tidemark.proto.v1.FirstMember;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** In what two plans differ, in words. */
final class PlanDifference {

    private PlanDifference() {}

    static String describe(BirthPlan here, BirthPlan there) {
        List<String> differences = new ArrayList<>();
        compare("cluster.name", here.getClusterName(), there.getClusterName(), differences);
        compare("first members", show(here.getMembersList()), show(there.getMembersList()), differences);
        Map<String, String> settingsHere = fields(here.getSettings());
        Map<String, String> settingsThere = fields(there.getSettings());
        TreeMap<String, String> names = new TreeMap<>(settingsHere);
        names.putAll(settingsThere);
        names.keySet()
                .forEach(name -> compare(
                        "store setting " + name,
                        settingsHere.getOrDefault(name, "not set"),
                        settingsThere.getOrDefault(name, "not set"),
                        differences));
        return differences.isEmpty() ? "fields that this version does not know" : String.join("; ", differences);
    }

    private static void compare(String what, String here, String there, List<String> differences) {
        if (!here.equals(there)) {
            differences.add(what + ": here " + here + ", there " + there);
        }
    }

    private static String show(List<FirstMember> members) {
        return members.stream()
                .map(member -> member.getNodeId() + "@(raft " + member.getRaftAddress() + ", internal "
                        + member.getInternalAddress() + ", client " + member.getClientAddress() + ")")
                .collect(Collectors.joining(", "));
    }

    private static Map<String, String> fields(Message message) {
        Map<String, String> fields = new TreeMap<>();
        for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
            fields.put(
                    field.getKey().getName(),
                    field.getValue() instanceof Message inner
                            ? TextFormat.printer().emittingSingleLine(true).printToString(inner)
                            : field.getValue().toString());
        }
        return fields;
    }
}
