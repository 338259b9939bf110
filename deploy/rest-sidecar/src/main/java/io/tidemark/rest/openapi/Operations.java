// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.openapi;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.linecorp.armeria.common.HttpMethod;
import io.tidemark.rest.kv.Requests;
import io.tidemark.rest.kv.RowGet;
import io.tidemark.rest.kv.RowWrites;
import io.tidemark.rest.kv.ScanLines;
import io.tidemark.rest.routing.Binding;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What each route takes and gives. */
final class Operations {

    private static final JsonMapper JSON = JsonMapper.shared();

    private static final Set<String> ROWS = Set.of("Get", "Put", "Patch", "Delete");
    private static final Set<String> SCALARS =
            Set.of("google.protobuf.Duration", "google.protobuf.Timestamp", "google.protobuf.FieldMask");

    /** Writes, but those of a row. */
    private static final Set<String> NAMED = Set.of("Commit", "CreateTable", "UpdateTable", "DropTable");

    private final Schemas schemas;
    private final Comments comments;

    Operations(Schemas schemas, Comments comments) {
        this.schemas = schemas;
        this.comments = comments;
    }

    /**
     * A route of the contract.
     *
     * @param id names it; no other one is called so
     */
    ObjectNode of(Binding binding, String id) {
        String comment = comments.of(binding.rpc().getFullName());
        int end = comment.indexOf(". ");
        ObjectNode operation = JSON.createObjectNode().put("operationId", id);
        operation.put("summary", end < 0 ? comment : comment.substring(0, end + 1));
        operation.put("description", comment);
        operation.putArray("tags").add(binding.rpc().getService().getName());
        parameters(operation, binding);
        body(operation, binding);
        responses(operation, binding);
        return operation;
    }

    private void parameters(ObjectNode operation, Binding binding) {
        ArrayNode parameters = operation.putArray("parameters");
        List<String> inPath = binding.template().variables();
        Descriptor request = binding.rpc().getInputType();
        for (String name : inPath) {
            FieldDescriptor field = request.findFieldByName(name);
            ObjectNode parameter =
                    parameters.addObject().put("name", name).put("in", "path").put("required", true);
            parameter.put("description", schemas.comment(field));
            parameter.set("schema", schemas.of(field));
        }
        if (isRow(binding) || binding.body().isEmpty()) {
            List<String> hidden = new ArrayList<>(inPath);
            // What is the body, and what is not to be had over HTTP.
            hidden.addAll(List.of("value", "patch", "shards"));
            query(parameters, request, "", hidden);
        }
        headers(parameters, binding);
    }

    private void query(ArrayNode parameters, Descriptor message, String prefix, List<String> hidden) {
        for (FieldDescriptor field : message.getFields()) {
            String name = prefix + field.getName();
            boolean nested = field.getJavaType() == JavaType.MESSAGE
                    && !SCALARS.contains(field.getMessageType().getFullName());
            if (hidden.contains(name) || field.isMapField() || (nested && field.isRepeated())) {
                continue;
            }
            if (nested) {
                if (prefix.isEmpty()) {
                    query(parameters, field.getMessageType(), name + ".", hidden);
                }
                continue;
            }
            ObjectNode parameter = parameters.addObject().put("name", name).put("in", "query");
            // A row that no path names is named here, in one form or the other.
            if (name.equals("key") && isRequiredKey(message)) {
                parameters
                        .addObject()
                        .put("name", Requests.KEY_BASE64)
                        .put("in", "query")
                        .put(
                                "description",
                                "The key in base64url, in place of `key`: for keys with control characters.")
                        .putObject("schema")
                        .put("type", "string");
            }
            if (!schemas.comment(field).isEmpty()) {
                parameter.put("description", schemas.comment(field));
            }
            parameter.set("schema", schemas.of(field));
        }
    }

    private static boolean isRequiredKey(Descriptor message) {
        return ROWS.contains(message.getName().replace("Request", ""));
    }

    private static void headers(ArrayNode parameters, Binding binding) {
        List<String> names = new ArrayList<>(List.of("Tidemark-Session", "Tidemark-Timeout"));
        if (isRow(binding)) {
            names.addAll(List.of("If-Match", "If-None-Match"));
            if (binding.method() != HttpMethod.GET) {
                names.add("Idempotency-Key");
            }
        }
        if (NAMED.contains(binding.rpc().getName())) {
            names.add("Idempotency-Key");
        }
        if (reads(binding)) {
            names.addAll(List.of("Tidemark-Read", "Cache-Control"));
        }
        if (binding.rpc().isServerStreaming() && binding.rpc().getName().startsWith("Watch")) {
            names.add("Last-Event-ID");
        }
        Shared.parameters(parameters, names);
    }

    private static boolean reads(Binding binding) {
        return binding.rpc().getInputType().findFieldByName("read_options") != null;
    }

    private void body(ObjectNode operation, Binding binding) {
        if (binding.body().isEmpty()) {
            return;
        }
        ObjectNode body = operation.putObject("requestBody").put("required", true);
        ObjectNode content = body.putObject("content");
        if (!isRow(binding)) {
            content.putObject("application/json")
                    .set("schema", schemas.reference(binding.rpc().getInputType()));
        } else if (binding.method() == HttpMethod.PATCH) {
            body.put("description", "The merge patch (RFC 7396).");
            content.putObject(RowWrites.MERGE_PATCH).putObject("schema");
        } else {
            body.put("description", "The row's value, as it is: JSON, text or bytes, by its content type.");
            content.putObject("application/json").putObject("schema");
            content.putObject("text/plain").putObject("schema").put("type", "string");
            content.putObject("application/octet-stream").putObject("schema");
        }
    }

    private void responses(ObjectNode operation, Binding binding) {
        ObjectNode responses = operation.putObject("responses");
        Descriptor answer = binding.rpc().getOutputType();
        List<String> written =
                List.of("ETag", "Tidemark-Index", "Tidemark-Session", "Tidemark-Served-By", "Tidemark-Replayed");
        switch (binding.rpc().getName()) {
            case "Watch", "WatchTopology" ->
                Shared.content(Shared.response(responses, "200", "Server-sent events.", List.of()), "text/event-stream")
                        .put("type", "string");
            case "StreamScan" ->
                Shared.content(
                                Shared.response(
                                        responses,
                                        "200",
                                        "Lines of JSON; the last one is a problem where it could not go on.",
                                        Shared.READ_STAMPS),
                                ScanLines.TYPE)
                        .put("type", "string");
            case "Get" -> got(responses, answer);
            case "Put" -> {
                message(Shared.response(responses, "200", "The row was changed; what it was before.", written), answer);
                message(
                        Shared.response(
                                responses,
                                "201",
                                "The row was created. Without a body, unless the previous row was asked for.",
                                written),
                        answer);
                Shared.response(responses, "204", "The row was changed.", written);
            }
            case "Patch" -> {
                String now =
                        "The row's value, as it is now; with row_view or value_form, the document that describes it.";
                Shared.content(Shared.response(responses, "200", now, written), "*/*");
                Shared.content(Shared.response(responses, "201", "There was none. " + now, written), "*/*");
            }
            case "Delete" -> {
                List<String> deleted = new ArrayList<>(Shared.STAMPS);
                deleted.addAll(List.of("Tidemark-Replayed", "Tidemark-Deleted-Rows"));
                message(
                        Shared.response(responses, "200", "The row is not there; what it was before.", deleted),
                        answer);
                Shared.response(responses, "204", "The row is not there.", deleted);
            }
            default -> message(Shared.response(responses, "200", "Done.", stamps(binding)), answer);
        }
        Shared.problems(responses, isRow(binding));
    }

    private void got(ObjectNode responses, Descriptor answer) {
        List<String> headers = new ArrayList<>(Shared.READ_STAMPS);
        headers.add("ETag");
        ObjectNode ok = Shared.response(responses, "200", "The row's value, as it is.", headers);
        Shared.content(ok, "*/*");
        ok.withObjectProperty("content").putObject(RowGet.ROW_TYPE).set("schema", schemas.reference(answer));
        Shared.response(responses, "304", "The row is the one that If-None-Match names.", headers);
    }

    private static List<String> stamps(Binding binding) {
        boolean read = reads(binding) || binding.rpc().getName().equals("Probe");
        return read ? Shared.READ_STAMPS : Shared.STAMPS;
    }

    private void message(ObjectNode response, Descriptor message) {
        response.withObjectProperty("content").putObject("application/json").set("schema", schemas.reference(message));
    }

    private static boolean isRow(Binding binding) {
        return binding.rpc().getService().getName().equals("KeyValue")
                && ROWS.contains(binding.rpc().getName());
    }
}
