// SPDX-License-Identifier: Apache-2.0
package io.tidemark.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files in {@code deploy/conf}: each role's options, those that one gives first, then all others with their defaults. */
class ConfFilesTest {

    private static final String REST = "# All other options, with what they are unless given.";

    @TempDir
    Path directory = Path.of("replaced by JUnit");

    @ParameterizedTest
    @ValueSource(strings = {"node", "replica"})
    void shouldBeAccepted(String role) {
        ServerOptions options = ServerOptions.read(role, Optional.of(file(role)), Map.of(), List.of());

        assertThat(options.nodes()).hasSize(3);
    }

    @Test
    void shouldBeAcceptedByTheSidecar() {
        SidecarOptions options = SidecarOptions.read(Optional.of(file(SidecarOptions.ROLE)), Map.of(), List.of());

        assertThat(options.endpoints()).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "replica", "sidecar"})
    void shouldHaveEveryOption(String role) {
        List<String> all = SourceTree.read(file(role)).lines().toList();
        Set<String> given = given(String.join("\n", all.subList(0, all.indexOf(REST))));
        List<String> rest = all.subList(all.indexOf(REST), all.size());
        List<String> expected = Stream.concat(
                        Stream.of(REST),
                        DocumentedOption.of(role).stream()
                                .filter(option -> !given.contains(option.name()))
                                .flatMap(ConfFilesTest::lines))
                .toList();

        assertThat(rest)
                .as(file(role) + ": replace its end by these lines\n" + String.join("\n", expected))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "replica", "sidecar"})
    void shouldBeAcceptedWithAllThatIsCommentedOut(String role) throws IOException {
        Path all = directory.resolve("all.yaml");
        Files.writeString(all, SourceTree.read(file(role)).replaceAll("(?m)^#([a-z])", "$1"));

        assertThat(read(role, all)).isEqualTo(read(role, file(role)));
    }

    private static Record read(String role, Path file) {
        return role.equals(SidecarOptions.ROLE)
                ? SidecarOptions.read(Optional.of(file), Map.of(), List.of())
                : ServerOptions.read(role, Optional.of(file), Map.of(), List.of());
    }

    private static Path file(String role) {
        return SourceTree.DEPLOY.resolve("conf").resolve(role + ".yaml");
    }

    /** The names of the options that a text gives. */
    private static Set<String> given(String text) {
        Set<String> names = new TreeSet<>();
        collect("", Yaml.documents(text).get(0), names);
        return names;
    }

    private static void collect(String name, JsonElement value, Set<String> names) {
        if (value instanceof JsonObject object) {
            object.entrySet()
                    .forEach(member -> collect(
                            name.isEmpty() ? member.getKey() : name + "." + member.getKey(), member.getValue(), names));
        } else {
            names.add(name);
        }
    }

    private static Stream<String> lines(DocumentedOption option) {
        String text = option.defaultText().orElseThrow();
        return Stream.of(
                "",
                "# " + option.description(),
                "# Expected: " + option.expectation() + ".",
                "#" + option.name() + ": " + value(option, text));
    }

    private static String value(DocumentedOption option, String text) {
        if (!text.isEmpty()) {
            return text;
        }
        return option.isList() ? "[]" : "''";
    }
}
