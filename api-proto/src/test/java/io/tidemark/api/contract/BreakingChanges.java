// SPDX-License-Identifier: Apache-2.0
package io.tidemark.api.contract;

import com.google.api.AnnotationsProto;
import com.google.api.HttpRule;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a change of the contract would break for programs built against the released one: on the wire, in its JSON form,
 * on its HTTP routes, or in generated code. Adding is never a break; everything else is.
 */
final class BreakingChanges {

    private final DescriptorIndex released;
    private final DescriptorIndex current;
    private final List<String> found = new ArrayList<>();

    private BreakingChanges(DescriptorIndex released, DescriptorIndex current) {
        this.released = released;
        this.current = current;
    }

    /** Each break as a sentence that says what to do instead; empty if there is none. */
    static List<String> between(FileDescriptorSet released, FileDescriptorSet current) {
        BreakingChanges changes = new BreakingChanges(DescriptorIndex.of(released), DescriptorIndex.of(current));
        changes.compareFiles();
        changes.compareMessages();
        changes.compareEnums();
        changes.compareServices();
        return List.copyOf(changes.found);
    }

    private void compareFiles() {
        released.files().forEach((name, old) -> {
            FileDescriptorProto now = current.files().get(name);
            if (now == null) {
                report(name, "file removed", "Put it back; other .proto files import it.");
            } else if (!old.getOptions()
                    .getJavaPackage()
                    .equals(now.getOptions().getJavaPackage())) {
                report(name, "java_package changed", "Put it back; generated code moves with it.");
            }
        });
    }

    private void compareMessages() {
        released.messages().forEach((name, old) -> {
            DescriptorProto now = current.messages().get(name);
            if (now == null) {
                report(name, "message removed", "Put it back and mark it deprecated.");
            } else {
                compareFields(name, old, now);
            }
        });
    }

    private void compareFields(String message, DescriptorProto old, DescriptorProto now) {
        Map<Integer, FieldDescriptorProto> nowByNumber =
                now.getFieldList().stream().collect(Collectors.toMap(FieldDescriptorProto::getNumber, f -> f));
        for (FieldDescriptorProto oldField : old.getFieldList()) {
            String name = message + "." + oldField.getName();
            FieldDescriptorProto nowField = nowByNumber.get(oldField.getNumber());
            if (nowField == null) {
                if (!isReserved(now, oldField)) {
                    report(
                            name,
                            "field " + oldField.getNumber() + " removed",
                            "Reserve the number and the name (reserved " + oldField.getNumber() + "; reserved \""
                                    + oldField.getName()
                                    + "\";) so that nobody uses them again, or mark it deprecated.");
                }
            } else {
                compareField(name, old, oldField, now, nowField);
            }
        }
    }

    private void compareField(
            String name,
            DescriptorProto oldMessage,
            FieldDescriptorProto old,
            DescriptorProto nowMessage,
            FieldDescriptorProto now) {
        String instead = "Add a new field with the next free number, and mark this one deprecated.";
        reportUnlessEqual(name, "name", old, now, FieldDescriptorProto::getName, instead);
        reportUnlessEqual(name, "JSON name", old, now, FieldDescriptorProto::getJsonName, instead);
        reportUnlessEqual(name, "type", old, now, f -> f.getType() + " " + f.getTypeName(), instead);
        reportUnlessEqual(name, "label", old, now, FieldDescriptorProto::getLabel, instead);
        reportUnlessEqual(name, "presence", old, now, FieldDescriptorProto::getProto3Optional, instead);
        if (!Objects.equals(oneofOf(oldMessage, old), oneofOf(nowMessage, now))) {
            report(name, "moved into, out of or between oneofs", instead);
        }
    }

    private void compareEnums() {
        released.enums().forEach((name, old) -> {
            EnumDescriptorProto now = current.enums().get(name);
            if (now == null) {
                report(name, "enum removed", "Put it back and mark it deprecated.");
                return;
            }
            Map<Integer, String> nowByNumber = now.getValueList().stream()
                    .collect(Collectors.toMap(
                            EnumValueDescriptorProto::getNumber, EnumValueDescriptorProto::getName, (a, b) -> a));
            for (EnumValueDescriptorProto value : old.getValueList()) {
                String nowName = nowByNumber.get(value.getNumber());
                if (nowName == null && !isReserved(now, value)) {
                    report(
                            name + "." + value.getName(),
                            "value " + value.getNumber() + " removed",
                            "Reserve the number and the name, or mark it deprecated.");
                } else if (nowName != null && !nowName.equals(value.getName())) {
                    report(
                            name + "." + value.getName(),
                            "value " + value.getNumber() + " is now named " + nowName,
                            "Its name is its JSON form: put it back, and add a new value.");
                }
            }
        });
    }

    private void compareServices() {
        released.services().forEach((name, old) -> {
            ServiceDescriptorProto now = current.services().get(name);
            if (now == null) {
                report(name, "service removed", "Put it back and mark it deprecated.");
                return;
            }
            Map<String, MethodDescriptorProto> nowByName =
                    now.getMethodList().stream().collect(Collectors.toMap(MethodDescriptorProto::getName, m -> m));
            for (MethodDescriptorProto method : old.getMethodList()) {
                String methodName = name + "/" + method.getName();
                MethodDescriptorProto nowMethod = nowByName.get(method.getName());
                if (nowMethod == null) {
                    report(methodName, "method removed", "Put it back and mark it deprecated.");
                } else {
                    compareMethod(methodName, method, nowMethod);
                }
            }
        });
    }

    private void compareMethod(String name, MethodDescriptorProto old, MethodDescriptorProto now) {
        String instead = "Add a new method, and mark this one deprecated.";
        reportUnlessEqual(name, "request type", old, now, MethodDescriptorProto::getInputType, instead);
        reportUnlessEqual(name, "response type", old, now, MethodDescriptorProto::getOutputType, instead);
        reportUnlessEqual(name, "client streaming", old, now, MethodDescriptorProto::getClientStreaming, instead);
        reportUnlessEqual(name, "server streaming", old, now, MethodDescriptorProto::getServerStreaming, instead);
        HttpRule oldRule = old.getOptions().getExtension(AnnotationsProto.http);
        HttpRule nowRule = now.getOptions().getExtension(AnnotationsProto.http);
        boolean kept = oldRule.equals(HttpRule.getDefaultInstance())
                || withoutMore(oldRule).equals(withoutMore(nowRule))
                || nowRule.getAdditionalBindingsList().contains(withoutMore(oldRule));
        if (!kept) {
            report(name, "HTTP route changed", "Keep the old route, if need be as an additional_binding.");
        }
    }

    private static HttpRule withoutMore(HttpRule rule) {
        return rule.toBuilder().clearAdditionalBindings().build();
    }

    private static boolean isReserved(DescriptorProto message, FieldDescriptorProto field) {
        return message.getReservedNameList().contains(field.getName())
                && message.getReservedRangeList().stream()
                        .anyMatch(r -> field.getNumber() >= r.getStart() && field.getNumber() < r.getEnd());
    }

    private static boolean isReserved(EnumDescriptorProto type, EnumValueDescriptorProto value) {
        return type.getReservedNameList().contains(value.getName())
                && type.getReservedRangeList().stream()
                        .anyMatch(r -> value.getNumber() >= r.getStart() && value.getNumber() <= r.getEnd());
    }

    private static String oneofOf(DescriptorProto message, FieldDescriptorProto field) {
        // An `optional` field sits in a oneof of its own that users never see.
        return field.hasOneofIndex() && !field.getProto3Optional()
                ? message.getOneofDecl(field.getOneofIndex()).getName()
                : "";
    }

    private <T> void reportUnlessEqual(
            String name, String what, T old, T now, Function<T, Object> property, String instead) {
        Object before = property.apply(old);
        Object after = property.apply(now);
        if (!before.equals(after)) {
            report(name, what + " changed from " + before + " to " + after, instead);
        }
    }

    private void report(String name, String what, String instead) {
        found.add(name + ": " + what + ". " + instead);
    }
}
