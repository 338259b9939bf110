// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Holds all modules against {@link ArchitectureRules}, and the rules against planted violations. */
class ArchitectureTest {

    private static final String PLANTED = "io.tidemark.verify.architecture.planted";

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            // What tests of other modules share is no part of the product either.
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("io.tidemark");

    @TestFactory
    Stream<DynamicTest> shouldKeepEveryRule() {
        return new ArchitectureRules("io.tidemark")
                .all().stream().map(rule -> dynamicTest(rule.getDescription(), () -> rule.check(CLASSES)));
    }

    @Test
    void shouldSeeTheClassesOfEveryModule() {
        assertThat(CLASSES)
                .extracting(type -> type.getPackageName())
                .contains("io.tidemark.api", "io.tidemark.proto.v1");
    }

    @Test
    void shouldFindPlantedViolations() {
        JavaClasses planted = new ClassFileImporter().importPackages(PLANTED);

        Stream<String> found = new ArchitectureRules(PLANTED)
                .all().stream().flatMap(rule -> rule.evaluate(planted).getFailureReport().getDetails().stream());

        assertThat(found.toList())
                .anyMatch(line -> line.contains("planted.store.StoreThatServes") && line.contains("planted.server."))
                .anyMatch(line -> line.contains("planted.replica.ReplicaThatVotes") && line.contains("planted.node."))
                .anyMatch(line -> line.contains("PublicTypeWithForeignTypes.message() mentions com.google.protobuf"))
                .anyMatch(line -> line.contains("PublicTypeWithForeignTypes.futures")
                        && line.contains("mentions com.google.common"))
                .anyMatch(line -> line.contains("PublicTypeWithForeignTypes.inside() mentions")
                        && line.contains("InternalTypeWithForeignTypes"))
                .anyMatch(line -> line.contains("PublicTypeWithForeignTypes") && line.contains("io.micrometer"))
                .noneMatch(line -> line.contains("InternalTypeWithForeignTypes.message"))
                .anyMatch(line -> line.contains("ClockReader") && line.contains("System.nanoTime"))
                .anyMatch(line -> line.contains("ClockReader") && line.contains("java.lang.Thread"))
                .anyMatch(line -> line.contains("Cycle detected"));
    }
}
