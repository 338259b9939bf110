// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import io.tidemark.client.snippets.Snippets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Javadoc, docs/sdk.md and the README show code by {@code <!-- snippet name -->} before a block: what stands there must be what {@link Snippets} has
 * under that name, which is compiled and run here. {@code -Dtidemark.snippets.write=true} copies it there.
 */
class SnippetsTest {

    private static final Path MAIN = Path.of("src/main/java");
    private static final List<Path> MARKDOWN = List.of(Path.of("../docs/sdk.md"), Path.of("../README.md"));
    private static final Path SNIPPETS = Path.of("src/test/java/io/tidemark/client/snippets/Snippets.java");

    private static final Pattern IN_JAVADOC = Pattern.compile(
            "(?<head>(?<indent> *)\\* <!-- snippet (?<name>[a-z-]+) -->\n *\\* <pre>\\{@code\n)(?<code>.*?)(?<tail> *\\* }</pre>)",
            Pattern.DOTALL);
    private static final Pattern IN_MARKDOWN = Pattern.compile(
            "(?<head>(?<indent>)<!-- snippet (?<name>[a-z-]+) -->\n```java\n)(?<code>.*?)(?<tail>```)", Pattern.DOTALL);

    private final FakeDispatcher server = new FakeDispatcher();
    private final TidemarkClient client = TestClient.over(server);
    private final Table<String> users = client.table("users");

    @BeforeEach
    void write() {
        users.put("ann", "{\"name\": \"Ann\", \"visits\": 1}");
    }

    @Test
    void shouldShowWhatIsCompiled() throws IOException {
        Map<String, List<String>> snippets = snippets();
        List<Path> pages;
        try (Stream<Path> files = Files.walk(MAIN)) {
            pages = new ArrayList<>(
                    files.filter(file -> file.toString().endsWith(".java")).toList());
        }
        pages.addAll(MARKDOWN);
        int shown = 0;
        for (Path page : pages) {
            boolean markdown = MARKDOWN.contains(page);
            String text = Files.readString(page);
            StringBuilder renewed = new StringBuilder();
            Matcher matcher = (markdown ? IN_MARKDOWN : IN_JAVADOC).matcher(text);
            while (matcher.find()) {
                String name = matcher.group("name");
                assertThat(snippets).as("snippets that %s shows", page).containsKey(name);
                String prefix = markdown ? "" : matcher.group("indent") + "* ";
                String code = text(snippets.getOrDefault(name, List.of()), prefix);
                matcher.appendReplacement(
                        renewed, Matcher.quoteReplacement(matcher.group("head") + code + matcher.group("tail")));
                shown++;
            }
            matcher.appendTail(renewed);
            if (Boolean.getBoolean("tidemark.snippets.write")
                    && !renewed.toString().equals(text)) {
                Files.writeString(page, renewed);
            } else {
                assertThat(text)
                        .as("%s; -Dtidemark.snippets.write=true mends it", page)
                        .isEqualTo(renewed.toString());
            }
        }
        assertThat(shown).isGreaterThan(10);
    }

    private static String text(List<String> lines, String prefix) {
        StringBuilder text = new StringBuilder();
        lines.forEach(line -> text.append((prefix + line).stripTrailing()).append('\n'));
        return text.toString();
    }

    private static Map<String, List<String>> snippets() {
        Map<String, List<String>> snippets = new LinkedHashMap<>();
        List<String> open = null;
        try {
            for (String line : Files.readAllLines(SNIPPETS)) {
                if (line.strip().startsWith("// snippet ")) {
                    // One that is named again goes on.
                    open = snippets.computeIfAbsent(
                            line.strip().substring("// snippet ".length()), name -> new ArrayList<>());
                } else if (line.strip().equals("// end")) {
                    open = null;
                } else if (open != null) {
                    open.add(line);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        snippets.replaceAll((name, lines) -> unindented(lines));
        return snippets;
    }

    private static List<String> unindented(List<String> lines) {
        return String.join("\n", lines).stripIndent().lines().toList();
    }

    @Test
    void shouldRunAgainstRows() {
        Snippets.jackson(client);
        Snippets.update(client);
        assertThat(server.text("users", "ann")).isEqualTo("{\"name\":\"Ann\",\"visits\":2}");
        Snippets.table(client);
        Snippets.readOptions(users);
        Snippets.writeOptions(users);
        Snippets.sessionAcrossProcesses(client);
        Snippets.transaction(client);
        Snippets.transaction(client);
        Snippets.commit(client, users, client.table("counters"));
        Snippets.orThrow(client, users);
        Snippets.increment(client);
        Snippets.patch(client);
        Snippets.consistencies(client, users);
        Snippets.staleness(users);
        Snippets.unmet(users);
        Snippets.errors(client, users);
        Snippets.async(client);
        assertThat(server.text("users", "ann")).isEqualTo("Ann");
    }

    @Test
    void shouldBuildClients() {
        Snippets.builder();
        Snippets.micrometer(new SimpleMeterRegistry());
        Snippets.openTelemetry(OpenTelemetry.noop());
    }
}
