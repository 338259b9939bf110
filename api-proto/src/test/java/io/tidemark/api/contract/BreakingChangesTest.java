// SPDX-License-Identifier: Apache-2.0
package io.tidemark.api.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.api.AnnotationsProto;
import com.google.api.HttpRule;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.DescriptorProto.ReservedRange;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodOptions;
import com.google.protobuf.DescriptorProtos.OneofDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** That the comparison finds each kind of break, by planting it. */
class BreakingChangesTest {

    @Test
    void shouldFindNothingInTheSameContract() {
        assertThat(after(file -> {})).isEmpty();
    }

    @Test
    void shouldAllowAdding() {
        assertThat(after(file -> {
                    message(file).addField(field("added", 9, FieldDescriptorProto.Type.TYPE_STRING));
                    file.addMessageType(DescriptorProto.newBuilder().setName("New"));
                    file.getEnumTypeBuilder(0).addValue(value("KIND_B", 2));
                    service(file).addMethod(MethodDescriptorProto.newBuilder().setName("More"));
                }))
                .isEmpty();
    }

    @Test
    void shouldFindARemovedField() {
        assertThat(after(file -> message(file).removeField(0)))
                .containsExactly(
                        "tidemark.v1.Row.version: field 1 removed. Reserve the number and the name (reserved 1; "
                                + "reserved \"version\";) so that nobody uses them again, or mark it deprecated.");
    }

    @Test
    void shouldAllowAFieldThatWasRemovedAndReserved() {
        assertThat(after(file -> message(file)
                        .removeField(0)
                        .addReservedName("version")
                        .addReservedRange(ReservedRange.newBuilder().setStart(1).setEnd(2))))
                .isEmpty();
    }

    @Test
    void shouldFindAChangedType() {
        assertThat(after(file -> message(file).getFieldBuilder(0).setType(FieldDescriptorProto.Type.TYPE_INT32)))
                .singleElement()
                .asString()
                .contains("tidemark.v1.Row.version", "TYPE_INT64", "TYPE_INT32", "Add a new field");
    }

    @Test
    void shouldFindARenamedField() {
        assertThat(after(file -> message(file).getFieldBuilder(0).setName("revision")))
                .singleElement()
                .asString()
                .contains("name changed from version to revision");
    }

    @Test
    void shouldFindAFieldThatBecameRepeated() {
        assertThat(after(file -> message(file).getFieldBuilder(0).setLabel(FieldDescriptorProto.Label.LABEL_REPEATED)))
                .singleElement()
                .asString()
                .contains("label changed");
    }

    @Test
    void shouldFindAFieldThatMovedIntoAOneof() {
        assertThat(after(file -> message(file)
                        .addOneofDecl(OneofDescriptorProto.newBuilder().setName("choice"))
                        .getFieldBuilder(0)
                        .setOneofIndex(0)))
                .singleElement()
                .asString()
                .contains("oneofs");
    }

    @Test
    void shouldFindARemovedMessage() {
        assertThat(after(file -> file.clearMessageType()))
                .containsExactly("tidemark.v1.Row: message removed. Put it back and mark it deprecated.");
    }

    @Test
    void shouldFindARenamedEnumValue() {
        assertThat(after(file -> file.getEnumTypeBuilder(0).getValueBuilder(1).setName("KIND_Z")))
                .singleElement()
                .asString()
                .contains("tidemark.v1.Kind.KIND_A", "now named KIND_Z");
    }

    @Test
    void shouldFindARemovedEnumValue() {
        assertThat(after(file -> file.getEnumTypeBuilder(0).removeValue(1)))
                .singleElement()
                .asString()
                .contains("value 1 removed");
    }

    @Test
    void shouldFindARemovedMethod() {
        assertThat(after(file -> service(file).clearMethod()))
                .containsExactly("tidemark.v1.KeyValue/Get: method removed. Put it back and mark it deprecated.");
    }

    @Test
    void shouldFindAMethodThatBecameAStream() {
        assertThat(after(file -> service(file).getMethodBuilder(0).setServerStreaming(true)))
                .singleElement()
                .asString()
                .contains("server streaming changed");
    }

    @Test
    void shouldFindAChangedRouteButAllowItBesideTheOldOne() {
        HttpRule old = HttpRule.newBuilder().setGet("/v1/rows").build();
        HttpRule other = HttpRule.newBuilder().setGet("/v1/lines").build();

        assertThat(after(file -> service(file).getMethodBuilder(0).setOptions(route(other))))
                .singleElement()
                .asString()
                .contains("HTTP route changed");
        assertThat(after(file -> service(file)
                        .getMethodBuilder(0)
                        .setOptions(route(
                                other.toBuilder().addAdditionalBindings(old).build()))))
                .isEmpty();
    }

    private static List<String> after(Consumer<FileDescriptorProto.Builder> change) {
        FileDescriptorProto.Builder file = FileDescriptorProto.newBuilder()
                .setName("tidemark/v1/x.proto")
                .setPackage("tidemark.v1")
                .addMessageType(DescriptorProto.newBuilder()
                        .setName("Row")
                        .addField(field("version", 1, FieldDescriptorProto.Type.TYPE_INT64)))
                .addEnumType(EnumDescriptorProto.newBuilder()
                        .setName("Kind")
                        .addValue(value("KIND_UNSPECIFIED", 0))
                        .addValue(value("KIND_A", 1)))
                .addService(ServiceDescriptorProto.newBuilder()
                        .setName("KeyValue")
                        .addMethod(MethodDescriptorProto.newBuilder()
                                .setName("Get")
                                .setOptions(route(
                                        HttpRule.newBuilder().setGet("/v1/rows").build()))));
        FileDescriptorSet released =
                FileDescriptorSet.newBuilder().addFile(file).build();
        change.accept(file);
        return BreakingChanges.between(
                released, FileDescriptorSet.newBuilder().addFile(file).build());
    }

    private static DescriptorProto.Builder message(FileDescriptorProto.Builder file) {
        return file.getMessageTypeBuilder(0);
    }

    private static ServiceDescriptorProto.Builder service(FileDescriptorProto.Builder file) {
        return file.getServiceBuilder(0);
    }

    private static FieldDescriptorProto field(String name, int number, FieldDescriptorProto.Type type) {
        return FieldDescriptorProto.newBuilder()
                .setName(name)
                .setNumber(number)
                .setType(type)
                .build();
    }

    private static EnumValueDescriptorProto value(String name, int number) {
        return EnumValueDescriptorProto.newBuilder()
                .setName(name)
                .setNumber(number)
                .build();
    }

    private static MethodOptions route(HttpRule rule) {
        return MethodOptions.newBuilder()
                .setExtension(AnnotationsProto.http, rule)
                .build();
    }
}
