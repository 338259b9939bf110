// SPDX-License-Identifier: Apache-2.0
package io.tidemark.api.contract;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import java.util.Map;
import java.util.TreeMap;

/** The messages, enums and services of the contract's own files, by full name. */
record DescriptorIndex(
        Map<String, FileDescriptorProto> files,
        Map<String, DescriptorProto> messages,
        Map<String, EnumDescriptorProto> enums,
        Map<String, ServiceDescriptorProto> services) {

    static DescriptorIndex of(FileDescriptorSet set) {
        DescriptorIndex index = new DescriptorIndex(new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
        for (FileDescriptorProto file : set.getFileList()) {
            if (file.getPackage().startsWith("tidemark.")) {
                index.add(file);
            }
        }
        return index;
    }

    private void add(FileDescriptorProto file) {
        files.put(file.getName(), file);
        file.getMessageTypeList().forEach(message -> add(file.getPackage(), message));
        file.getEnumTypeList().forEach(e -> enums.put(file.getPackage() + "." + e.getName(), e));
        file.getServiceList().forEach(s -> services.put(file.getPackage() + "." + s.getName(), s));
    }

    private void add(String scope, DescriptorProto message) {
        String name = scope + "." + message.getName();
        messages.put(name, message);
        message.getNestedTypeList().forEach(nested -> add(name, nested));
        message.getEnumTypeList().forEach(e -> enums.put(name + "." + e.getName(), e));
    }
}
