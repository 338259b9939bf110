// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.routing;

import com.google.api.AnnotationsProto;
import com.google.api.HttpRule;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.linecorp.armeria.common.HttpMethod;
import io.tidemark.proto.v1.ClusterProto;
import io.tidemark.proto.v1.KeyValueProto;
import io.tidemark.proto.v1.MaintenanceProto;
import java.util.ArrayList;
import java.util.List;

/**
 * That the contract gives a call an HTTP route.
 *
 * @param body which field of the request the body is; {@code *}: all that neither path nor query say; empty: there is no body
 */
public record Binding(HttpMethod method, PathTemplate template, MethodDescriptor rpc, String body) {

    /** All that the contract gives, in its order. */
    public static List<Binding> ofContract() {
        List<Binding> bindings = new ArrayList<>();
        for (FileDescriptor file : List.of(
                KeyValueProto.getDescriptor(), ClusterProto.getDescriptor(), MaintenanceProto.getDescriptor())) {
            for (ServiceDescriptor service : file.getServices()) {
                for (MethodDescriptor rpc : service.getMethods()) {
                    if (rpc.getOptions().hasExtension(AnnotationsProto.http)) {
                        HttpRule rule = rpc.getOptions().getExtension(AnnotationsProto.http);
                        bindings.add(of(rpc, rule));
                        rule.getAdditionalBindingsList().forEach(more -> bindings.add(of(rpc, more)));
                    }
                }
            }
        }
        return List.copyOf(bindings);
    }

    /** The service and the method, as metrics name them. */
    public String name() {
        return rpc.getService().getName() + "/" + rpc.getName();
    }

    private static Binding of(MethodDescriptor rpc, HttpRule rule) {
        return switch (rule.getPatternCase()) {
            case GET -> of(HttpMethod.GET, rule.getGet(), rpc, rule);
            case PUT -> of(HttpMethod.PUT, rule.getPut(), rpc, rule);
            case POST -> of(HttpMethod.POST, rule.getPost(), rpc, rule);
            case DELETE -> of(HttpMethod.DELETE, rule.getDelete(), rpc, rule);
            case PATCH -> of(HttpMethod.PATCH, rule.getPatch(), rpc, rule);
            case CUSTOM, PATTERN_NOT_SET ->
                throw new IllegalArgumentException("route of " + rpc.getFullName() + ": " + rule.getPatternCase());
        };
    }

    private static Binding of(HttpMethod method, String path, MethodDescriptor rpc, HttpRule rule) {
        return new Binding(method, PathTemplate.parse(path), rpc, rule.getBody());
    }
}
