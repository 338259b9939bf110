// SPDX-License-Identifier: Apache-2.0
package io.tidemark.api.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.FileOptions;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import org.junit.jupiter.api.Test;

/** That the lint finds each kind of fault, by planting it. */
class ContractLintTest {

    @Test
    void shouldFindEachFault() {
        FileDescriptorProto file = FileDescriptorProto.newBuilder()
                .setName("x.proto")
                .setPackage("tidemark.v1")
                .setOptions(FileOptions.newBuilder().setJavaMultipleFiles(false))
                .addEnumType(EnumDescriptorProto.newBuilder()
                        .setName("RowKind")
                        .addValue(EnumValueDescriptorProto.newBuilder()
                                .setName("GOOD")
                                .setNumber(0)))
                .addService(ServiceDescriptorProto.newBuilder()
                        .setName("KeyValue")
                        .addMethod(MethodDescriptorProto.newBuilder()
                                .setName("get_it")
                                .setInputType(".tidemark.v1.Other")))
                .build();

        assertThat(ContractLint.check(
                        FileDescriptorSet.newBuilder().addFile(file).build()))
                .anyMatch(m -> m.contains("not in the folder of its package"))
                .anyMatch(m -> m.contains("Java options differ"))
                .anyMatch(m -> m.contains("KeyValue/get_it: must look like"))
                .anyMatch(m -> m.contains("its messages must be get_itRequest"))
                .anyMatch(m -> m.contains("no comment"))
                .anyMatch(m -> m.contains("no google.api.http annotation"))
                .anyMatch(m -> m.contains("RowKind.GOOD: must start with ROW_KIND_"))
                .anyMatch(m -> m.contains("value 0 must be ROW_KIND_UNSPECIFIED"))
                .hasSize(8);
    }
}
