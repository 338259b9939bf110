// SPDX-License-Identifier: Apache-2.0
package io.tidemark.api.contract;

import com.google.api.AnnotationsProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo.Location;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The house's rules for writing the contract, beyond what the compiler demands. */
final class ContractLint {

    private static final Pattern SNAKE = Pattern.compile("[a-z][a-z0-9]*(_[a-z0-9]+)*");
    private static final Pattern CAMEL = Pattern.compile("([A-Z][a-z0-9]*)+");

    /** Services that applications use over HTTP too. Operators' and servers' calls need no route. */
    private static final Set<String> SERVICES_WITH_ROUTES = Set.of("KeyValue", "Cluster");

    private final List<String> found = new ArrayList<>();

    private ContractLint() {}

    /** Each fault as a sentence that says what to do; empty if there is none. */
    static List<String> check(FileDescriptorSet set) {
        ContractLint lint = new ContractLint();
        DescriptorIndex index = DescriptorIndex.of(set);
        index.files().values().forEach(lint::checkFile);
        index.messages().forEach((name, message) -> {
            lint.checkName(name, message.getName(), CAMEL);
            message.getFieldList().forEach(f -> lint.checkName(name + "." + f.getName(), f.getName(), SNAKE));
        });
        index.enums().forEach(lint::checkEnum);
        return List.copyOf(lint.found);
    }

    private void checkFile(FileDescriptorProto file) {
        String folder = file.getPackage().replace('.', '/') + "/";
        if (!file.getName().startsWith(folder)) {
            found.add(file.getName() + ": not in the folder of its package. Move it to " + folder);
        }
        if (!file.getOptions().getJavaMultipleFiles()
                || !file.getOptions().getJavaPackage().equals("io.tidemark.proto.v1")) {
            found.add(file.getName() + ": Java options differ from the other files'. Copy them from common.proto.");
        }
        Set<List<Integer>> commented = file.getSourceCodeInfo().getLocationList().stream()
                .filter(Location::hasLeadingComments)
                .map(Location::getPathList)
                .collect(Collectors.toSet());
        for (int s = 0; s < file.getServiceCount(); s++) {
            String service = file.getService(s).getName();
            for (int m = 0; m < file.getService(s).getMethodCount(); m++) {
                // Field 6 of a file is its services, field 2 of a service its methods.
                boolean hasComment = commented.contains(List.of(6, s, 2, m));
                checkMethod(service, file.getService(s).getMethod(m), hasComment);
            }
        }
    }

    private void checkMethod(String service, MethodDescriptorProto method, boolean hasComment) {
        String name = service + "/" + method.getName();
        checkName(name, method.getName(), CAMEL);
        String prefix = ".tidemark.v1." + method.getName();
        if (!method.getInputType().equals(prefix + "Request")
                || !method.getOutputType().equals(prefix + "Response")) {
            found.add(name + ": its messages must be " + method.getName() + "Request and " + method.getName()
                    + "Response, its own, so that each can grow alone.");
        }
        if (!hasComment) {
            found.add(name + ": no comment. Say what it promises.");
        }
        if (SERVICES_WITH_ROUTES.contains(service) && !method.getOptions().hasExtension(AnnotationsProto.http)) {
            found.add(name + ": no google.api.http annotation. HTTP users want it.");
        }
    }

    private void checkEnum(String name, EnumDescriptorProto type) {
        String prefix = type.getName().replaceAll("([a-z0-9])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT) + "_";
        type.getValueList().stream()
                .filter(value -> !value.getName().startsWith(prefix))
                .forEach(value -> found.add(name + "." + value.getName() + ": must start with " + prefix
                        + ", for C++ has no scopes here."));
        if (!type.getValue(0).getName().equals(prefix + "UNSPECIFIED")) {
            found.add(name + ": value 0 must be " + prefix + "UNSPECIFIED, so that absence is not a choice.");
        }
    }

    private void checkName(String fullName, String name, Pattern pattern) {
        if (!pattern.matcher(name).matches()) {
            found.add(fullName + ": must look like " + pattern + ".");
        }
    }
}
