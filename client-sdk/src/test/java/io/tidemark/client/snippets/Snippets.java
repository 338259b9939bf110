// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.snippets;

import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import io.tidemark.client.AsyncTable;
import io.tidemark.client.BackPressure;
import io.tidemark.client.Change;
import io.tidemark.client.Codec;
import io.tidemark.client.CommitResult;
import io.tidemark.client.Committed;
import io.tidemark.client.Condition;
import io.tidemark.client.ConditionFailedException;
import io.tidemark.client.Consistency;
import io.tidemark.client.GetAllResult;
import io.tidemark.client.GetResult;
import io.tidemark.client.HistoryChangedException;
import io.tidemark.client.OutcomeUnknownException;
import io.tidemark.client.Page;
import io.tidemark.client.ReadOptions;
import io.tidemark.client.Refused;
import io.tidemark.client.Row;
import io.tidemark.client.Rows;
import io.tidemark.client.Scan;
import io.tidemark.client.Session;
import io.tidemark.client.Table;
import io.tidemark.client.TableSettings;
import io.tidemark.client.TidemarkClient;
import io.tidemark.client.TooStaleException;
import io.tidemark.client.Watch;
import io.tidemark.client.WatchEvent;
import io.tidemark.client.WatchEvents;
import io.tidemark.client.WatchFilter;
import io.tidemark.client.WatchHandle;
import io.tidemark.client.WriteOptions;
import io.tidemark.client.jackson.JacksonCodec;
import io.tidemark.client.micrometer.MicrometerObserver;
import io.tidemark.client.opentelemetry.OpenTelemetryObserver;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.stream.Stream;

/** Each method holds one snippet, between the lines that name and end it. */
public final class Snippets {

    /** What snippets store. */
    // snippet user
    public record User(String name, int visits) {}
    // end

    private Snippets() {}

    /** Needs a cluster. */
    public static void quickstart() {
        // snippet quickstart
        try (TidemarkClient client = TidemarkClient.connect("127.0.0.1:7400")) {
            Table<String> users = client.table("users");
            users.put("ann", "Ann");
            GetResult<String> ann = users.get("ann");
            System.out.println(ann.value().orElse("nobody") + " as of index " + ann.index());
        }
        // end
    }

    /** Needs a cluster. */
    public static void readme() {
        // snippet readme
        try (TidemarkClient client = TidemarkClient.connect("127.0.0.1:7400")) {
            Table<String> users = client.table("users");
            users.put("ann", "Ann");
            GetResult<String> ann = users.get("ann", Consistency.maxStaleness(Duration.ofMillis(250)));
            System.out.println(ann.value().orElse("nobody") + ", " + ann.header());
        }
        // end
    }

    public static void commit(TidemarkClient client, Table<String> users, Table<String> counters) {
        // snippet commit
        client.commit(tx -> tx.ifAbsent(users, "ann").put(users, "ann", "Ann").increment(counters, "users", 1));
        // end
    }

    public static void table(TidemarkClient client) {
        // snippet table
        Table<String> users = client.table("users");
        users.put("ann", "Ann");
        GetResult<String> ann = users.get("ann", Consistency.maxStaleness(Duration.ofMillis(250)));
        String name = ann.value().orElse("nobody");
        GetAllResult<String> both = users.getAll(List.of("ann", "bob"));
        users.put("ann", "Ann B.", Condition.unchanged(ann));
        users.delete("ann");
        // end
        System.out.println(name + both);
    }

    public static void tables(TidemarkClient client) {
        // snippet tables
        client.tables().create("sessions", TableSettings.defaults().withDefaultTtl(Duration.ofHours(1)));
        client.tables().update("sessions", settings -> settings.withDefaultTtl(Duration.ofHours(2)));
        // end
    }

    public static void readOptions(Table<String> users) {
        // snippet read-options
        ReadOptions quick = ReadOptions.with(Consistency.eventual()).withDeadline(Duration.ofMillis(50));
        GetResult<String> ann = users.get("ann", quick);
        // end
        System.out.println(ann);
    }

    public static void writeOptions(Table<String> users) {
        // snippet write-options
        WriteOptions shortLived = WriteOptions.defaults().withExpiryAfter(Duration.ofMinutes(10));
        users.put("ann", "Ann", shortLived);
        // end
    }

    public static void sessionAcrossProcesses(TidemarkClient client) {
        // snippet session-across-processes
        Table<String> users = client.table("users");
        Session here = client.newSession();
        users.in(here).put("ann", "Ann");
        String token = here.token().orElseThrow();

        // In another process, to which the token came in a header:
        Session there = Session.from(token);
        String name = users.in(there).get("ann").value().orElseThrow();
        // end
        System.out.println(name);
    }

    public static void transaction(TidemarkClient client) {
        Table<String> users = client.table("users");
        Table<String> emails = client.table("emails");
        // snippet transaction
        CommitResult result = client.commit(tx -> tx.ifAbsent(emails, "ann@example.org")
                .put(emails, "ann@example.org", "ann")
                .put(users, "ann", "Ann"));
        if (result instanceof Refused refused) {
            String owner = refused.row(emails, "ann@example.org").orElseThrow().value();
            System.out.println("taken by " + owner);
        }
        // end
    }

    public static void orThrow(TidemarkClient client, Table<String> users) {
        // snippet transaction-or-throw
        Committed committed = client.commit(tx -> tx.put(users, "ann", "Ann").delete(users, "eve"))
                .orThrow();
        System.out.println(committed.index());
        // end
    }

    public static void update(TidemarkClient client) {
        Table<User> users = client.table("users", JacksonCodec.of(User.class));
        // snippet update
        users.update("ann", user -> new User(user.name(), user.visits() + 1));
        // end
    }

    public static void increment(TidemarkClient client) {
        // snippet increment
        long visits = client.table("counters").increment("visits", 1).value();
        // end
        System.out.println(visits);
    }

    public static void patch(TidemarkClient client) {
        // snippet patch
        Table<String> profiles = client.table("profiles", Codec.json());
        profiles.patch("ann", "{\"email\": \"ann@example.org\", \"phone\": null}");
        // end
    }

    public static void jackson(TidemarkClient client) {
        // snippet jackson
        Table<User> users = client.table("users", JacksonCodec.of(User.class));
        users.put("ann", new User("Ann", 1));
        User ann = users.get("ann").value().orElseThrow();
        // end
        System.out.println(ann);
    }

    /** A codec of one's own. */
    // snippet own-codec
    public static final class BigIntegerCodec implements Codec<BigInteger> {
        @Override
        public String contentType() {
            return "application/x-integer";
        }

        @Override
        public byte[] encode(BigInteger value) {
            return value.toByteArray();
        }

        @Override
        public BigInteger decode(byte[] bytes, String contentType) {
            return new BigInteger(bytes);
        }
    }
    // end

    public static void consistencies(TidemarkClient client, Table<String> users) {
        String token = client.session().token().orElseThrow();
        // snippet consistencies
        users.get("ann", Consistency.linearizable());
        users.get("ann", Consistency.maxStaleness(Duration.ofMillis(250)));
        users.get("ann", Consistency.session().maxLag(10));
        users.get("ann", Consistency.eventual().atLeast(token));
        users.get("ann", Consistency.asOf(1));
        Table<String> strong = users.with(Consistency.linearizable());
        // end
        System.out.println(strong);
    }

    public static void staleness(Table<String> users) {
        // snippet staleness
        GetResult<String> ann = users.get("ann");
        System.out.println(ann.index() + " from " + ann.servedBy());
        ann.staleness().ifPresent(bound -> System.out.println("at most " + bound.toMillis() + " ms old"));
        // end
    }

    public static void unmet(Table<String> users) {
        // snippet unmet
        ReadOptions anyway = ReadOptions.with(Consistency.maxStaleness(Duration.ofMillis(250)))
                .withServeUnmet();
        GetResult<String> ann = users.get("ann", anyway);
        ann.unmet().ifPresent(missing -> System.out.println("older than asked: " + missing));
        // end
    }

    public static void errors(TidemarkClient client, Table<String> users) {
        // snippet errors
        try {
            users.put("ann", "Ann", Condition.absent());
        } catch (ConditionFailedException e) {
            System.out.println("there already: " + e.currentRow().map(users::decode));
        } catch (OutcomeUnknownException e) {
            System.out.println("may have happened; read, and decide: " + e.attempts());
        } catch (TooStaleException e) {
            System.out.println("never of a write");
        } catch (HistoryChangedException e) {
            client.session().reset();
        }
        // end
    }

    public static void async(TidemarkClient client) {
        // snippet async
        AsyncTable<String> users = client.table("users").async();
        CompletableFuture<String> name = users.put("ann", "Ann")
                .thenCompose(written -> users.get("ann"))
                .thenApply(read -> read.value().orElse("nobody"));
        // end
        System.out.println(name.join());
    }

    public static void builder() {
        // snippet builder
        TidemarkClient client = TidemarkClient.builder()
                .endpoints("tidemark-1:7400,tidemark-2:7400")
                .zone("eu-west-1a")
                .deadline(Duration.ofSeconds(2))
                .consistency(Consistency.maxStaleness(Duration.ofSeconds(1)))
                .backPressure(BackPressure.FAIL)
                .build();
        // end
        client.close();
    }

    public static void micrometer(MeterRegistry registry) {
        // snippet micrometer
        TidemarkClient client = TidemarkClient.builder()
                .endpoints("127.0.0.1:7400")
                .observer(new MicrometerObserver(registry))
                .build();
        // end
        client.close();
    }

    public static void openTelemetry(OpenTelemetry openTelemetry) {
        // snippet opentelemetry
        TidemarkClient client = TidemarkClient.builder()
                .endpoints("127.0.0.1:7400")
                .observer(new OpenTelemetryObserver(openTelemetry))
                .build();
        // end
        client.close();
    }

    public static long scan(Table<String> users) {
        // snippet scan
        Scan<String> europeans = users.scan().prefix("eu/").limit(10_000);

        Page<String> page = europeans.pageSize(100).page();
        String next = page.nextPageToken().orElse(null);

        long count = 0;
        try (Rows<String> rows = europeans.rows()) {
            for (Row<String> row : rows) {
                count += row.version();
            }
        }
        // end
        return next == null ? count : -count;
    }

    public static List<String> pages(Table<String> users) {
        List<String> keys = new ArrayList<>();
        // snippet pages
        Scan<String> scan = users.scan().pageSize(500);
        Page<String> page = scan.page();
        while (true) {
            page.rows().forEach(row -> keys.add(row.key()));
            if (page.nextPageToken().isEmpty()) {
                break;
            }
            page = scan.page(page.nextPageToken().get());
        }
        // end
        return keys;
    }

    public static long scanStream(Table<String> users) {
        // snippet scan-stream
        try (Stream<Row<String>> rows = users.scan().withoutValues().stream()) {
            return rows.filter(row -> row.version() > 1).count();
        }
        // end
    }

    public static void publish(Table<String> users, Flow.Subscriber<Row<String>> subscriber) {
        // snippet scan-publisher
        users.scan().from("a").to("b").publisher().subscribe(subscriber);
        // end
    }

    public static WatchHandle watch(Table<String> users) {
        // snippet watch
        WatchHandle watch = users.watch().prefix("eu/").start(event -> {
            for (Change<String> change : event.changes()) {
                if (change instanceof Change.Put<String> put) {
                    System.out.println(put.key() + " is now " + put.row().value());
                } else {
                    System.out.println(change.key() + " is gone");
                }
            }
        });
        // end
        return watch;
    }

    public static Map<String, String> mirror(Table<String> users, int commits) {
        Map<String, String> mirror = new TreeMap<>();
        int seen = 0;
        // snippet watch-snapshot
        try (WatchEvents<String> events = users.watch().snapshotFirst().events()) {
            for (WatchEvent<String> event : events) {
                if (event instanceof WatchEvent.Snapshot<String> snapshot) {
                    if (snapshot.first()) {
                        mirror.clear();
                    }
                    snapshot.rows().forEach(row -> mirror.put(row.key(), row.value()));
                }
                for (Change<String> change : event.changes()) {
                    if (change instanceof Change.Put<String> put) {
                        mirror.put(put.key(), put.row().value());
                    } else if (change.key() != null) {
                        mirror.remove(change.key());
                    } else {
                        mirror.clear();
                    }
                }
                // end
                seen += event.changes().isEmpty() ? 0 : 1;
                if (seen == commits) {
                    break;
                }
                // snippet watch-snapshot
            }
        }
        // end
        return mirror;
    }

    public static List<String> scanThenWatch(Table<String> users, int commits) {
        List<String> keys = new ArrayList<>();
        int seen = 0;
        // snippet scan-then-watch
        String token;
        try (Rows<String> rows = users.scan().rows()) {
            rows.forEach(row -> keys.add(row.key()));
            token = rows.token();
        }
        try (WatchEvents<String> events = users.watch().after(token).events()) {
            for (WatchEvent<String> event : events) {
                event.changes().forEach(change -> keys.add(change.key()));
                token = event.token().orElse(token); // to go on from here another time
                // end
                seen += event.changes().isEmpty() ? 0 : 1;
                if (seen == commits) {
                    break;
                }
                // snippet scan-then-watch
            }
        }
        // end
        return keys;
    }

    public static Watch<byte[]> watchSeveral(TidemarkClient client) {
        // snippet watch-several
        Watch<byte[]> several = client.watch(
                WatchFilter.table("settings"), WatchFilter.prefix("users", "eu/"), WatchFilter.key("users", "root"));
        // end
        return several;
    }
}
