// SPDX-License-Identifier: Apache-2.0
package com.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What docs/tutorial.md shows stands in the files that it names, which are compiled and run here. */
class TutorialTest {

    private static final Pattern SHOWN =
            Pattern.compile("<!-- from (?<file>\\S+) -->\n```java\n(?<code>.*?)```", Pattern.DOTALL);

    @Test
    void shouldShowWhatIsCompiled() throws IOException {
        Matcher matcher = SHOWN.matcher(Files.readString(Path.of("../tutorial.md")));
        int shown = 0;
        while (matcher.find()) {
            String file = Files.readString(Path.of("src", matcher.group("file")));
            assertThat(unindented(file)).contains(unindented(matcher.group("code")));
            shown++;
        }
        assertThat(shown).isGreaterThan(5);
    }

    private static String unindented(String code) {
        return code.lines().map(String::strip).reduce("", (before, line) -> before + line + "\n");
    }
}
