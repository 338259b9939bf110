// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.rest.resource.ResourceFile;
import io.tidemark.rest.resource.ResourceSpec;
import io.tidemark.rest.routing.Binding;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
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
        assertThat(document.get("paths").has("/api/expenses/{employee}/{id}")).isTrue();
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

    private void check(JsonNode node) {
        if (node.has("$ref")) {
            assertThat(document.at(node.get("$ref").stringValue().substring(1)).isMissingNode())
                    .as(node.get("$ref").stringValue())
                    .isFalse();
        }
        node.forEach(this::check);
    }
}
