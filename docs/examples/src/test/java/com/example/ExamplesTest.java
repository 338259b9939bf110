// SPDX-License-Identifier: Apache-2.0
package com.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.client.ConditionFailedException;
import io.tidemark.client.Table;
import io.tidemark.testkit.TidemarkCluster;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The programs do what they say, against a real cluster. */
@Timeout(120)
class ExamplesTest {

    @RegisterExtension
    static final TidemarkCluster cluster =
            TidemarkCluster.builder().nodes(1).replicas(1).build();

    @Test
    void shouldReadWhatWasWritten() throws Exception {
        assertThat(printedBy(() -> {
                    FirstRead.main(new String[] {cluster.endpoint("n1")});
                    return null;
                }))
                .startsWith("Ann as of index ");
    }

    @Test
    void shouldPrintWhatEachMainPromises() throws Exception {
        String[] arguments = {cluster.endpoint("r1")};

        assertThat(printedBy(() -> {
                    Accounts.main(arguments);
                    FeatureFlags.main(arguments);
                    return null;
                }))
                .containsSubsequence("30 from ann to bob", "200 in all", "dark-mode is on");
    }

    @Test
    void shouldNeitherMakeNorLoseMoney() throws Exception {
        Accounts accounts = new Accounts(cluster.client());
        List<String> names = List.of("a", "b", "c");
        for (String name : names) {
            accounts.open(name, 100);
        }

        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Boolean>> transfers = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                String from = names.get(i % 3);
                String to = names.get((i + 1 + i / 3 % 2) % 3);
                transfers.add(threads.submit(() -> accounts.transfer(from, to, 10)));
                assertThat(accounts.total(names)).isEqualTo(300);
            }
            for (Future<Boolean> transfer : transfers) {
                transfer.get();
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(accounts.total(names)).isEqualTo(300);
        assertThat(accounts.transfer("a", "b", 301)).isFalse();
        assertThatThrownBy(() -> accounts.open("a", 1)).isInstanceOf(ConditionFailedException.class);
        assertThatThrownBy(() -> accounts.transfer("a", "nobody", 1)).hasMessageContaining("nobody");
    }

    @Test
    void shouldFollowTheFlags() throws InterruptedException {
        Table<String> table = cluster.client().table("flags");
        table.put("old", "on");
        try (FeatureFlags flags = new FeatureFlags(table)) {
            flags.awaitLoaded();
            assertThat(flags.isOn("old")).isTrue();
            assertThat(flags.isOn("new")).isFalse();

            table.put("new", "on");
            table.delete("old");
            await(() -> flags.isOn("new") && !flags.isOn("old"));
            assertThat(flags.isConnected()).isTrue();
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            Thread.sleep(5);
        }
    }

    private static String printedBy(Callable<?> program) throws Exception {
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            program.call();
        } finally {
            System.setOut(before);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }
}
