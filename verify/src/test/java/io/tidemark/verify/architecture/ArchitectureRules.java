// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;

/**
 * The arrows of {@code docs/design.md}, section "The house", as rules over packages. The enforcer already forbids wrong
 * dependencies between modules; these rules see what it cannot: packages inside a module, and what a public API mentions.
 *
 * <p>The root package is a parameter, so that each rule can be tried on planted violations.
 */
final class ArchitectureRules {

    private static final String SEE_DESIGN = "docs/design.md, section \"The house\", says which way dependencies go";

    /** Which modules each module may use, by the package below the root. */
    private static final Map<String, Set<String>> ARROWS = new TreeMap<>(Map.ofEntries(
            Map.entry("proto", Set.of()),
            Map.entry("api", Set.of("proto")),
            Map.entry("store", Set.of("api", "proto")),
            Map.entry("server", Set.of("store", "api", "proto")),
            Map.entry("node", Set.of("server", "store", "api", "proto")),
            Map.entry("replica", Set.of("server", "store", "api", "proto")),
            Map.entry("client", Set.of("api", "proto")),
            Map.entry("rest", Set.of("client", "api", "proto")),
            Map.entry("bench", Set.of("client", "api", "proto")),
            Map.entry("benchmarks", Set.of("store", "api", "proto")),
            Map.entry("clients", Set.of("bench", "client", "api", "proto")),
            Map.entry("testkit", Set.of("node", "replica", "client", "server", "store", "api", "proto")),
            Map.entry(
                    "launcher",
                    Set.of("node", "replica", "rest", "bench", "client", "server", "store", "api", "proto"))));

    /** Where everything is a function of state and input, or a single-threaded machine that a simulator can drive. */
    private static final List<String> SIMULATED = List.of(
            "store.transition",
            "server.feed.core",
            "server.freshness",
            "server.placement",
            "node.registry",
            "replica.feed.core",
            "client.internal.routing");

    /** Libraries that the SDK's users may have or not, and the package that is for those who have them. */
    private static final Map<String, String> CLIENT_EXTRAS = new TreeMap<>(Map.of(
            "client.jackson", "tools.jackson",
            "client.micrometer", "io.micrometer",
            "client.opentelemetry", "io.opentelemetry"));

    private final String root;

    ArchitectureRules(String rootPackage) {
        this.root = rootPackage + ".";
    }

    List<ArchRule> all() {
        List<ArchRule> rules = new ArrayList<>();
        ARROWS.forEach((module, allowed) -> rules.add(arrowsOf(module, allowed)));
        rules.add(onlyThisPackageSees("store.engine", "org.mapdb"));
        rules.add(onlyThisPackageSees("node.consensus", "org.apache.ratis"));
        rules.add(clientApiMentionsOnlyItsOwnTypes());
        CLIENT_EXTRAS.forEach((insider, library) -> rules.add(onlyThisPackageOfTheClientSees(insider, library)));
        rules.add(testkitMentionsNoServers());
        rules.add(simulatedCodeHasNoClockThreadOrChance());
        rules.add(noCycles());
        return rules;
    }

    private ArchRule arrowsOf(String module, Set<String> allowed) {
        String[] forbidden = ARROWS.keySet().stream()
                .filter(other -> !other.equals(module) && !allowed.contains(other))
                .map(other -> root + other + "..")
                .toArray(String[]::new);
        return noClasses()
                .that()
                .resideInAPackage(root + module + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(forbidden)
                .because(SEE_DESIGN)
                .allowEmptyShould(true);
    }

    private ArchRule onlyThisPackageSees(String insider, String library) {
        return noClasses()
                .that()
                .resideInAPackage(root + "*..")
                .and()
                .resideOutsideOfPackage(root + insider + "..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library + "..")
                .because("only " + root + insider + " may see " + library + ", so that it can be replaced; "
                        + "put what you need behind that package's interface")
                .allowEmptyShould(true);
    }

    private ArchRule clientApiMentionsOnlyItsOwnTypes() {
        return classes()
                .that()
                .resideInAPackage(root + "client..")
                .and()
                .resideOutsideOfPackage(root + "client.internal..")
                .should(new MentionOnlyOwnTypes(
                        root + "proto",
                        root + "api",
                        root + "client.internal",
                        "com.google.protobuf",
                        "com.google.common",
                        "io.grpc"))
                .because("users must not be tied to the versions of libraries that the SDK happens to use; "
                        + "give them a type of the SDK instead")
                .allowEmptyShould(true);
    }

    private ArchRule testkitMentionsNoServers() {
        return classes()
                .that()
                .resideInAPackage(root + "testkit..")
                .should(new MentionOnlyOwnTypes(
                        root + "proto",
                        root + "server",
                        root + "store",
                        root + "node",
                        root + "replica",
                        "com.google.protobuf",
                        "com.google.common",
                        "io.grpc"))
                .because(
                        "users' tests must not be tied to how servers are made; give them a type of the test kit instead")
                .allowEmptyShould(true);
    }

    private ArchRule onlyThisPackageOfTheClientSees(String insider, String library) {
        return noClasses()
                .that()
                .resideInAPackage(root + "client..")
                .and()
                .resideOutsideOfPackage(root + insider + "..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library + "..")
                .because(library + " need not be there: only " + root + insider + " is for those who have it")
                .allowEmptyShould(true);
    }

    private ArchRule simulatedCodeHasNoClockThreadOrChance() {
        String[] packages = SIMULATED.stream().map(p -> root + p + "..").toArray(String[]::new);
        DescribedPredicate<JavaClass> threadOrChance = describe(
                "threads, executors or random sources",
                type -> type.isAssignableTo(Thread.class)
                        || type.isAssignableTo(Executor.class)
                        || type.isAssignableTo(Random.class));
        return noClasses()
                .that()
                .resideInAnyPackage(packages)
                .should()
                .dependOnClassesThat(threadOrChance)
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .because("this code must run the same in the simulator: take clock, timer and chance as arguments")
                .allowEmptyShould(true);
    }

    private ArchRule noCycles() {
        return slices().matching(root + "(**)")
                .should()
                .beFreeOfCycles()
                // What users see of the SDK is the door to what they do not: it leads in, and what is inside knows the
                // types
                // of the door, such as its exceptions. Inside there are no cycles.
                .ignoreDependency(
                        JavaClass.Predicates.resideInAPackage(root + "client"),
                        JavaClass.Predicates.resideInAPackage(root + "client.internal.."))
                .because("packages that need each other are one package, or hide a third")
                .allowEmptyShould(true);
    }
}
