// SPDX-License-Identifier: Apache-2.0
package com.example;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.testkit.TidemarkCluster;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(120)
class LinksTest {

    @RegisterExtension
    static final TidemarkCluster cluster =
            TidemarkCluster.builder().nodes(1).replicas(1).build();

    private final Links links = new Links(cluster.client());

    @BeforeEach
    void makeTables() {
        Links.makeTables(cluster.client());
    }

    @Test
    void shouldGiveEachNameAwayOnce() {
        assertThat(links.claim("docs", "https://example.org/docs")).isTrue();
        assertThat(links.claim("docs", "https://example.com")).isFalse();

        assertThat(links.follow("docs")).contains("https://example.org/docs");
        assertThat(links.follow("nowhere")).isEmpty();
    }

    @Test
    void shouldCountWhoFollowsUntilItLeadsElsewhere() throws InterruptedException {
        links.claim("guide", "https://example.org/guide");
        assertThat(links.visits("guide")).isZero();
        links.follow("guide");
        links.follow("guide");
        await(() -> links.visits("guide") == 2);

        assertThat(links.move("guide", "https://wrong.example", "https://example.org/v2"))
                .isFalse();
        assertThat(links.move("guide", "https://example.org/guide", "https://example.org/v2"))
                .isTrue();

        assertThat(links.visits("guide")).isZero();
        assertThat(links.follow("guide")).contains("https://example.org/v2");
    }

    @Test
    void shouldLeadThereWhileNothingCanBeWritten() {
        links.claim("docs", "https://example.org/docs");
        cluster.awaitApplied();

        cluster.stop("n1");

        assertThat(links.follow("docs")).contains("https://example.org/docs");
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            Thread.sleep(5);
        }
    }
}
