// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import io.tidemark.client.internal.call.Stages;
import io.tidemark.client.internal.wire.Values;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads a row, computes another value from it and writes that on condition that nobody else has changed the row meanwhile, again and
 * again until it holds or the deadline is there. A refusal brings the row as it is then, so only the first round has to read.
 */
final class Update<V> {

    private static final Duration PAUSE_MAX = Duration.ofMillis(100);

    private final TableCalls<V> table;
    private final String key;
    private final Function<Optional<V>, Optional<V>> change;
    private final WriteOptions options;
    private final long deadlineNanos;
    private volatile CompletableFuture<?> underWay = CompletableFuture.completedFuture(null);

    Update(TableCalls<V> table, String key, Function<Optional<V>, Optional<V>> change, WriteOptions options) {
        if (options.requestId().isPresent()) {
            throw new IllegalArgumentException("request id: an update may write several times (expected: none)");
        }
        if (options.previousRow()) {
            throw new IllegalArgumentException(
                    "previous row: an update gives its change the row before (expected: not asked for)");
        }
        this.table = table;
        this.key = key;
        this.change = Objects.requireNonNull(change, "change");
        this.options = options;
        this.deadlineNanos = table.calls()
                .context("update", options.deadline().orElse(null), false)
                .deadlineNanos();
    }

    /**
     * The row as one round knows it.
     *
     * @param value null: there is no row, as far as is known
     * @param expiry when the row expires; null: there is no row
     * @param unchanged that it is still so
     * @param confirmed the answer of a linearizable read that said so; null: it may be older
     */
    private record Known<V>(
            @Nullable V value,
            @Nullable Expiry expiry,
            Condition<V> unchanged,
            @Nullable Header confirmed) {

        static <V> Known<V> of(GetResult<V> read, boolean linearizable) {
            return new Known<>(
                    read.value().orElse(null),
                    read.row().map(Update::expiry).orElse(null),
                    Condition.unchanged(read),
                    linearizable ? read.header() : null);
        }
    }

    /** Computes on the calling thread. */
    UpdateResult<V> run() {
        Known<V> known = Known.of(read(null).await(), false);
        for (int round = 1; ; round++) {
            Optional<V> after = change.apply(Optional.ofNullable(known.value()));
            if (isNothing(known, after)) {
                Header confirmed = known.confirmed();
                if (confirmed != null) {
                    return new UpdateResult<>(null, false, round, confirmed);
                }
                known = Known.of(read(Consistency.linearizable()).await(), true);
                continue;
            }
            try {
                return write(known, after, round).await();
            } catch (ConditionFailedException refused) {
                Call.read(null, pause(round), waited -> waited).await();
                known = told(refused, round);
                if (known == null) {
                    known = Known.of(read(Consistency.linearizable()).await(), true);
                }
            }
        }
    }

    /** Computes on the client's executor. */
    CompletableFuture<UpdateResult<V>> runAsync() {
        CompletableFuture<UpdateResult<V>> result = new CompletableFuture<>();
        var unused = reread(null, result)
                .thenCompose(known -> round(known, 1, result))
                .whenComplete((done, failure) -> {
                    if (failure == null) {
                        result.complete(done);
                    } else {
                        result.completeExceptionally(Stages.cause(failure));
                    }
                });
        var ignored = result.whenComplete((done, failure) -> underWay.cancel(false));
        return result;
    }

    private CompletableFuture<UpdateResult<V>> round(
            Known<V> known, int round, CompletableFuture<UpdateResult<V>> result) {
        if (result.isDone()) {
            return result;
        }
        Optional<V> after = change.apply(Optional.ofNullable(known.value()));
        if (isNothing(known, after)) {
            Header confirmed = known.confirmed();
            return confirmed != null
                    ? CompletableFuture.completedFuture(new UpdateResult<>(null, false, round, confirmed))
                    : reread(Consistency.linearizable(), result).thenCompose(anew -> round(anew, round + 1, result));
        }
        return begin(() -> write(known, after, round), result).exceptionallyCompose(failure -> {
            if (!(Stages.cause(failure) instanceof ConditionFailedException refused)) {
                return CompletableFuture.failedFuture(failure);
            }
            return pause(round)
                    .thenComposeAsync(
                            waited -> known(refused, round, result),
                            table.calls().executor())
                    .thenCompose(next -> round(next, round + 1, result));
        });
    }

    private CompletableFuture<Known<V>> known(
            ConditionFailedException refused, int round, CompletableFuture<?> result) {
        Known<V> told = told(refused, round);
        return told == null ? reread(Consistency.linearizable(), result) : CompletableFuture.completedFuture(told);
    }

    private boolean isNothing(Known<V> known, Optional<V> after) {
        return known.value() == null && after.isEmpty();
    }

    private CompletableFuture<Known<V>> reread(@Nullable Consistency consistency, CompletableFuture<?> result) {
        return begin(() -> read(consistency), result).thenApply(read -> Known.of(read, consistency != null));
    }

    private <T> CompletableFuture<T> begin(Supplier<Call<?, T>> call, CompletableFuture<?> result) {
        CompletableFuture<T> begun = Call.begin(call, table.calls().executor());
        underWay = begun;
        if (result.isDone()) {
            begun.cancel(false);
        }
        return begun;
    }

    private Call<?, GetResult<V>> read(@Nullable Consistency consistency) {
        ReadOptions reading = ReadOptions.defaults().withDeadline(left(0));
        if (consistency != null) {
            reading = reading.withConsistency(consistency);
        }
        return table.get(
                key,
                options.session().isPresent()
                        ? reading.withSession(options.session().get())
                        : reading);
    }

    private Call<?, UpdateResult<V>> write(Known<V> known, Optional<V> after, int round) {
        WriteOptions writing = options.withDeadline(left(round));
        if (after.isEmpty()) {
            return table.writes()
                    .delete(key, known.unchanged(), writing.withoutExpiry())
                    .then(deleted -> new UpdateResult<>(null, true, round, deleted.header()));
        }
        Expiry expiry = known.expiry();
        return table.writes()
                .put(
                        key,
                        after.get(),
                        known.unchanged(),
                        expiry == null || writing.expiry().isPresent() ? writing : writing.withExpiry(expiry))
                .then(written -> new UpdateResult<>(written.row(), true, round, written.header()));
    }

    /** What a refusal tells of the row; null: not its value. */
    private @Nullable Known<V> told(ConditionFailedException refused, int round) {
        left(round);
        Row<byte[]> row = refused.currentRow().orElse(null);
        if (refused.replayed() || (row != null && row.value() == null)) {
            return null;
        }
        return row == null
                ? new Known<>(null, null, Condition.absent(), null)
                : new Known<>(
                        Values.row(table.codec(), row).value(),
                        expiry(row),
                        new Condition.ModifiedIndex<>(row.modifiedIndex(), refused.historyId()),
                        null);
    }

    /** What keeps a row's expiry as it is: a row without one has none again, whatever new rows of its table have. */
    private static Expiry expiry(Row<?> row) {
        Instant time = row.expireTime();
        return time == null ? Expiry.never() : Expiry.at(time);
    }

    /** Longer with each round, and random, so that those who collided do not collide again. */
    private CompletableFuture<Boolean> pause(int round) {
        long most = Math.min(PAUSE_MAX.toNanos(), TimeUnit.MILLISECONDS.toNanos(1) << Math.min(round, 20));
        long nanos =
                Math.min(ThreadLocalRandom.current().nextLong(most), left(round).toNanos());
        return new CompletableFuture<Boolean>().completeOnTimeout(true, nanos, TimeUnit.NANOSECONDS);
    }

    private Duration left(int rounds) {
        long nanos = deadlineNanos - table.calls().dispatcher().nanoTime();
        if (nanos <= 0) {
            throw new DeadlineExceededException(
                    new Failure(
                            table.table() + "/" + key + ": not updated within the deadline, in " + rounds
                                    + " rounds, for others changed it each time; nothing was written",
                            "DEADLINE",
                            Map.of("table", table.table(), "key", key, "rounds", Integer.toString(rounds)),
                            List.of()),
                    null);
        }
        return Duration.ofNanos(nanos);
    }
}
