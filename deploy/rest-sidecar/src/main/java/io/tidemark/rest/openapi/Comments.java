// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.openapi;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo.Location;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the contract says in comments, by the full names of what it says it of. */
final class Comments {

    private static final int MESSAGES = FileDescriptorProto.MESSAGE_TYPE_FIELD_NUMBER;
    private static final int SERVICES = FileDescriptorProto.SERVICE_FIELD_NUMBER;
    private static final int FIELDS = DescriptorProto.FIELD_FIELD_NUMBER;
    private static final int NESTED = DescriptorProto.NESTED_TYPE_FIELD_NUMBER;
    private static final int METHODS = 2;

    private final Map<String, String> byName = new HashMap<>();

    Comments(FileDescriptorSet set) {
        for (FileDescriptorProto file : set.getFileList()) {
            Map<List<Integer>, String> byPath = new HashMap<>();
            for (Location location : file.getSourceCodeInfo().getLocationList()) {
                if (location.hasLeadingComments()) {
                    byPath.put(location.getPathList(), clean(location.getLeadingComments()));
                }
            }
            for (int i = 0; i < file.getMessageTypeCount(); i++) {
                message(file.getPackage(), file.getMessageType(i), List.of(MESSAGES, i), byPath);
            }
            for (int i = 0; i < file.getServiceCount(); i++) {
                String service = file.getPackage() + "." + file.getService(i).getName();
                add(service, byPath, List.of(SERVICES, i));
                for (int j = 0; j < file.getService(i).getMethodCount(); j++) {
                    add(
                            service + "." + file.getService(i).getMethod(j).getName(),
                            byPath,
                            List.of(SERVICES, i, METHODS, j));
                }
            }
        }
    }

    /** What is said of it; empty: nothing. */
    String of(String fullName) {
        return byName.getOrDefault(fullName, "");
    }

    private void message(
            String parent, DescriptorProto message, List<Integer> path, Map<List<Integer>, String> byPath) {
        String name = parent + "." + message.getName();
        add(name, byPath, path);
        for (int i = 0; i < message.getFieldCount(); i++) {
            add(name + "." + message.getField(i).getName(), byPath, longer(path, FIELDS, i));
        }
        for (int i = 0; i < message.getNestedTypeCount(); i++) {
            message(name, message.getNestedType(i), longer(path, NESTED, i), byPath);
        }
    }

    private void add(String name, Map<List<Integer>, String> byPath, List<Integer> path) {
        String comment = byPath.get(path);
        if (comment != null) {
            byName.put(name, comment);
        }
    }

    private static List<Integer> longer(List<Integer> path, int kind, int place) {
        List<Integer> longer = new ArrayList<>(path);
        longer.add(kind);
        longer.add(place);
        return longer;
    }

    /** Lines of a paragraph are one line. */
    private static String clean(String comment) {
        return comment.strip().replaceAll("\n +", "\n").replaceAll("(?<!\n)\n(?!\n|-)", " ");
    }
}
