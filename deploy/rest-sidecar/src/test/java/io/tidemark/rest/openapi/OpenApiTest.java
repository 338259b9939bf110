// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.harrel.jsonschema.Validator;
import dev.harrel.jsonschema.ValidatorFactory;
import dev.harrel.jsonschema.providers.GsonNode;
import io.tidemark.rest.resource.ResourceFile;
import io.tidemark.rest.resource.ResourceSpec;
import io.tidemark.rest.routing.Binding;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class OpenApiTest {

    private final List<ResourceSpec> resources = ResourceFile.readAll(List.of("examples/expenses.yaml"));
    private final JsonNode document = JsonMapper.shared().readTree(OpenApi.document(resources));

    @Test
    void shouldHaveEveryRouteOfTheContractAndOfResources() {
        for (Binding binding : Binding.ofContract()) {
            JsonNode path =
                    document.get("paths").get(binding.template().toString().replace("=**", ""));
            assertThat(path.has(binding.method().name().toLowerCase(Locale.ROOT)))
                    .as(binding.template().toString())
                    .isTrue();
        }
        for (ResourceSpec.Place place : resources.get(0).places()) {
            assertThat(document.get("paths")
                            .get(place.template())
                            .has(place.method().name().toLowerCase(Locale.ROOT)))
                    .as(place.toString())
                    .isTrue();
        }
        assertThat(document.get("paths").has("/api/expenses/{employee}")).isTrue();
    }

    @Test
    void shouldSayWhatTheContractsCommentsSay() {
        JsonNode get =
                document.get("paths").get("/v1/tables/{table}/rows/{key}").get("get");

        assertThat(get.get("summary").stringValue()).isEqualTo("Reads one row.");
        assertThat(document.at("/components/schemas/Row/properties/version/description")
                        .stringValue())
                .startsWith("1 when the row is created");
    }

    @Test
    void shouldReferToNothingThatIsNotThere() {
        check(document);
        Set<String> ids = new HashSet<>();
        document.get("paths")
                .forEach(path -> path.forEach(operation -> assertThat(
                                ids.add(operation.get("operationId").stringValue()))
                        .isTrue()));
    }

    /** By the OpenAPI Initiative's own schema, https://spec.openapis.org/oas/3.1/schema/2026-08-03. */
    @Test
    void shouldBeValidOpenApi() throws IOException {
        Validator validator = new ValidatorFactory()
                .withJsonNodeFactory(new GsonNode.Factory())
                .createValidator();
        URI schema;
        try (InputStream in = OpenApiTest.class.getResourceAsStream("oas-3.1-schema.json")) {
            schema = validator.registerSchema(
                    new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8));
        }
        URI draft = URI.create("https://json-schema.org/draft/2020-12/schema");

        assertThat(errors(validator.validate(schema, document.toString()))).isEmpty();
        List<JsonNode> schemas = new ArrayList<>(document.findValues("schema"));
        document.at("/components/schemas").forEach(schemas::add);
        for (JsonNode one : schemas) {
            assertThat(errors(validator.validate(draft, one.toString())))
                    .as(one.toString())
                    .isEmpty();
        }
        assertThat(errors(
                        validator.validate(schema, document.toString().replace("\"in\":\"path\"", "\"in\":\"road\""))))
                .isNotEmpty();
    }

    private static List<String> errors(Validator.Result result) {
        return result.getErrors().stream()
                .map(error -> error.getInstanceLocation() + ": " + error.getError())
                .toList();
    }

    private void check(JsonNode node) {
        if (node.has("$ref")) {
            assertThat(document.at(node.get("$ref").stringValue().substring(1)).isMissingNode())
                    .as(node.get("$ref").stringValue())
                    .isFalse();
        }
        node.forEach(this::check);
    }
}
