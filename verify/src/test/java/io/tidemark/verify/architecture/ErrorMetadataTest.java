// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorReasons;
import io.tidemark.proto.v1.ErrorReason;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Errors are a part of the contract: what they carry has one spelling, and is documented. */
class ErrorMetadataTest {

    private static final Path ROOT = Path.of("..");

    /** A value of an error named on the spot: by its builder, or in a refusal's map. */
    private static final Pattern LITERAL =
            Pattern.compile("\\.with\\(\\s*\"|Refusal\\.of\\([^;]*?Map\\.of\\(\\s*\"|new (Refusal\\.)?Item\\(\\s*\"");

    private static final Pattern MAKES_ERRORS = Pattern.compile("ErrorStatus\\.of\\(|Refusal");

    @Test
    void noErrorNamesItsValuesOnTheSpot() throws IOException {
        List<Path> sources;
        try (Stream<Path> files = Files.walk(ROOT)) {
            sources = files.filter(file -> file.toString().contains("/src/main/java/"))
                    .filter(file -> file.toString().endsWith(".java"))
                    .toList();
        }
        assertThat(sources).hasSizeGreaterThan(100);
        assertThat(sources.stream().filter(ErrorMetadataTest::hasLiteral))
                .as("use the constants of ErrorMetadata")
                .isEmpty();
    }

    @Test
    void aNameOnTheSpotIsFound() {
        assertThat(LITERAL.matcher(".with(\"table\", name)").find()).isTrue();
        assertThat(LITERAL.matcher("Refusal.of(REASON, \"x\",\n Map.of(\"table\", name));")
                        .find())
                .isTrue();
        assertThat(LITERAL.matcher(".with(ErrorMetadata.TABLE, \"t\")").find()).isFalse();
    }

    @Test
    void theContractListsEachNameAndNoOther() throws IOException, IllegalAccessException {
        Set<String> names = new TreeSet<>();
        for (Field field : ErrorMetadata.class.getFields()) {
            names.add((String) field.get(null));
        }
        String contract = Files.readString(ROOT.resolve("docs/wire-contract.md"));
        String section = contract.substring(
                contract.indexOf("**Metadata has one spelling"), contract.indexOf("Java has them as constants"));
        Set<String> reasons = Stream.of(ErrorReason.values())
                .map(Enum::name)
                .filter(name -> !name.equals(ErrorReason.ERROR_REASON_UNSPECIFIED.name()))
                .filter(name -> !name.equals(ErrorReason.UNRECOGNIZED.name()))
                .map(ErrorReason::valueOf)
                .map(ErrorReasons::nameOf)
                .collect(Collectors.toSet());
        Set<String> documented = Pattern.compile("`(\\w+)`")
                .matcher(section)
                .results()
                .map(found -> found.group(1))
                .filter(name -> !reasons.contains(name))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(documented).isEqualTo(names);
    }

    private static boolean hasLiteral(Path source) {
        try {
            String text = Files.readString(source);
            return MAKES_ERRORS.matcher(text).find() && LITERAL.matcher(text).find();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
