// SPDX-License-Identifier: Apache-2.0
package io.tidemark.testkit;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * A cluster as an extension of JUnit 5 and 6. In a static field it runs from before the first test of the class, nested classes
 * included, until after the last, and each test begins with all servers running and empty tables; in another field each test has a
 * cluster of its own.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final TidemarkCluster cluster = TidemarkCluster.builder().nodes(1).replicas(1).build();
 * }</pre>
 *
 * <p>Tests that run at the same time share the cluster as it is: nothing is restored before them. Their module must have {@code
 * junit-jupiter-api}; without JUnit, use {@link LocalCluster}.
 */
public final class TidemarkCluster extends LocalCluster
        implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {

    /** How many test classes, one nested in the other, are under way. */
    private final AtomicInteger classes = new AtomicInteger();

    TidemarkCluster(ClusterOptions options) {
        super(options);
    }

    /** Describes one, with one node and one replica unless told otherwise. */
    public static ClusterBuilder builder() {
        return LocalCluster.builder();
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        if (classes.getAndIncrement() == 0) {
            open();
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        if (classes.get() == 0) {
            open();
        } else if (options().restores() && context.getExecutionMode() == ExecutionMode.SAME_THREAD) {
            startAll();
            clearTables();
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (classes.get() == 0) {
            close();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (classes.decrementAndGet() == 0) {
            close();
        }
    }
}
