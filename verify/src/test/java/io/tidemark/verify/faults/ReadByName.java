// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import io.tidemark.client.GetResult;
import io.tidemark.client.ReadOptions;
import io.tidemark.client.TidemarkClient;
import io.tidemark.client.TidemarkException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** An application that knows its cluster by a name: a process of its own, for which a file stands for DNS. */
final class ReadByName {

    static final Duration DEADLINE = Duration.ofSeconds(2);

    /** Begins what it prints of a call that failed; behind it, the milliseconds that it took. */
    static final String FAILED = "failed after ";

    /** Begins what it prints, at the end, of the call that did not; behind it, the value. */
    static final String READ = "read ";

    private ReadByName() {}

    /** The command that runs it. */
    static List<String> command(Path hosts, String endpoint, String table, String key) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djdk.net.hosts.file=" + hosts,
                // Java itself would go on with what a name once stood for.
                "-Dsun.net.inetaddr.ttl=1",
                "-cp",
                System.getProperty("java.class.path"),
                ReadByName.class.getName(),
                endpoint,
                table,
                key);
    }

    /** Takes an endpoint, a table and a key, and reads that row until it is there. */
    public static void main(String[] args) {
        try (TidemarkClient client = TidemarkClient.connect(args[0])) {
            while (true) {
                long began = System.nanoTime();
                try {
                    GetResult<String> result = client.table(args[1])
                            .get(args[2], ReadOptions.defaults().withDeadline(DEADLINE));
                    System.out.println(READ + result.value().orElseThrow());
                    return;
                } catch (TidemarkException e) {
                    System.out.println(FAILED + (System.nanoTime() - began) / 1_000_000 + " ms: " + e.getMessage());
                }
            }
        }
    }
}
