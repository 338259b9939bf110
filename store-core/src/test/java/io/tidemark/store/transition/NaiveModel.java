// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import static java.util.Objects.requireNonNull;

import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.Condition;
import io.tidemark.proto.v1.Existence;
import io.tidemark.proto.v1.Expiry;
import io.tidemark.proto.v1.KeyRange;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.RowCondition;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What rows should look like, said again in the plainest way: whole maps copied for every commit, keys ordered by their
 * encoded bytes, big integers. It is told which writes were committed and checks what they left; of a write that was not, it
 * can tell whether conditions were the reason.
 */
final class NaiveModel {

    private static final Comparator<String> BYTES =
            (a, b) -> Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

    /** A row as far as the model follows it; patched values are taken over, being tested by vectors. */
    record Cell(
            String text,
            long version,
            long created,
            long modified,
            @Nullable Long expirySeconds) {}

    final Map<String, Map<String, Cell>> tables = new TreeMap<>();
    final Map<String, Long> ttlSeconds = new TreeMap<>();

    /** The conditions that do not hold. */
    List<Integer> failed(CommitRequest commit) {
        List<Integer> failed = new ArrayList<>();
        for (int i = 0; i < commit.getConditionsCount(); i++) {
            Condition condition = commit.getConditions(i);
            Cell cell = cells(condition.getTable()).get(condition.getKey());
            RowCondition check = condition.getCondition();
            boolean holds = switch (check.getCheckCase()) {
                case EXISTENCE -> (cell == null) == (check.getExistence() == Existence.EXISTENCE_ABSENT);
                case MODIFIED_INDEX -> cell != null && cell.modified() == check.getModifiedIndex();
                case VERSION -> cell != null && cell.version() == check.getVersion();
                case VALUE ->
                    cell != null
                            && cell.text().equals(check.getValue().getBytes().toStringUtf8());
                case CHECK_NOT_SET -> false;
            };
            if (!holds) {
                failed.add(i);
            }
        }
        return failed;
    }

    /** Carries a commit out; returns the rows that differ afterwards, as "table/key". */
    List<String> commit(CommitRequest commit, Outcome.Committed outcome) {
        Map<String, Map<String, Cell>> before = copy();
        for (int i = 0; i < commit.getMutationsCount(); i++) {
            apply(commit.getMutations(i), outcome, outcome.results().get(i));
        }
        List<String> changed = new ArrayList<>();
        tables.forEach((table, cells) -> {
            Map<String, Cell> old = before.getOrDefault(table, new TreeMap<>(BYTES));
            TreeMap<String, Cell> all = new TreeMap<>(BYTES);
            all.putAll(old);
            all.putAll(cells);
            for (String key : all.keySet()) {
                Cell now = cells.get(key);
                boolean gone = now == null && old.get(key) != null;
                boolean written = now != null && now.modified() == outcome.index();
                if (gone || written) {
                    changed.add(table + "/" + key);
                }
            }
        });
        return changed;
    }

    Map<String, Cell> cells(String table) {
        return tables.computeIfAbsent(table, name -> new TreeMap<>(BYTES));
    }

    private Map<String, Map<String, Cell>> copy() {
        Map<String, Map<String, Cell>> copy = new LinkedHashMap<>();
        tables.forEach((table, cells) -> copy.put(table, new LinkedHashMap<>(cells)));
        return copy;
    }

    private void apply(Mutation mutation, Outcome.Committed outcome, MutationOutcome result) {
        Map<String, Cell> cells = cells(mutation.getTable());
        long now = outcome.logTime().seconds();
        switch (mutation.getChangeCase()) {
            case PUT ->
                write(
                        cells,
                        mutation.getPut().getKey(),
                        mutation.getPut().getValue().getBytes().toStringUtf8(),
                        outcome.index(),
                        mutation.getPut().hasExpiry()
                                ? expiry(mutation.getPut().getExpiry(), now)
                                : tableExpiry(mutation.getTable(), now));
            case DELETE -> cells.remove(mutation.getDelete().getKey());
            case DELETE_RANGE -> {
                KeyRange range = mutation.getDeleteRange().getRange();
                List<String> keys = cells.keySet().stream()
                        .filter(key -> key.startsWith(range.getPrefix()))
                        .filter(key -> BYTES.compare(key, range.getStart()) >= 0)
                        .filter(key -> !range.hasEnd() || BYTES.compare(key, range.getEnd()) < 0)
                        .limit(result.deletedRows())
                        .toList();
                keys.forEach(cells::remove);
            }
            case PATCH -> {
                Cell old = cells.get(mutation.getPatch().getKey());
                String text = requireNonNull(result.row()).value().toStringUtf8();
                Long expiry = old == null ? tableExpiry(mutation.getTable(), now) : old.expirySeconds();
                write(cells, mutation.getPatch().getKey(), text, outcome.index(), expiry);
            }
            case INCREMENT -> {
                String key = mutation.getIncrement().getKey();
                Cell old = cells.get(key);
                BigInteger base = old == null
                        ? BigInteger.valueOf(mutation.getIncrement().getInitial())
                        : new BigInteger(old.text());
                String sum = base.add(BigInteger.valueOf(mutation.getIncrement().getDelta()))
                        .toString();
                Long expiry = old == null ? tableExpiry(mutation.getTable(), now) : old.expirySeconds();
                write(cells, key, sum, outcome.index(), expiry);
            }
            case CHANGE_NOT_SET -> throw new AssertionError("a mutation without a change was committed");
        }
    }

    private @Nullable Long tableExpiry(String table, long now) {
        Long ttl = ttlSeconds.get(table);
        return ttl == null ? null : now + ttl;
    }

    private static @Nullable Long expiry(Expiry expiry, long now) {
        if (expiry.hasTtl()) {
            return now + expiry.getTtl().getSeconds();
        }
        return expiry.hasExpireTime() ? expiry.getExpireTime().getSeconds() : null;
    }

    private static void write(
            Map<String, Cell> cells, String key, String text, long index, @Nullable Long expirySeconds) {
        Cell old = cells.get(key);
        long version = old == null ? 1 : old.version() + 1;
        long created = old == null ? index : old.created();
        cells.put(key, new Cell(text, version, created, index, expirySeconds));
    }
}
