// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.data;

import io.tidemark.client.Condition;
import io.tidemark.client.ConditionFailedException;
import io.tidemark.client.TidemarkClient;
import io.tidemark.client.WriteOptions;
import io.tidemark.client.WriteResult;
import io.tidemark.launcher.cli.RawCodec;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Writes of rows that are under way, a bounded number at once, which the SDK lets travel together. They are waited for in their order, so
 * that it is known up to where all is written; of one row there is one under way at a time, so that the last one counts. Of one thread.
 */
final class RowWrites {

    private final TidemarkClient client;
    private final int outstandingMax;
    private final boolean skipExisting;
    private final Queue<UnderWay> underWay = new ArrayDeque<>();
    private final Set<List<String>> rowsUnderWay = new HashSet<>();
    private long written;
    private long skipped;

    private record UnderWay(long line, List<String> row, CompletableFuture<WriteResult<byte[]>> result) {}

    RowWrites(TidemarkClient client, int outstandingMax, boolean skipExisting) {
        this.client = client;
        this.outstandingMax = outstandingMax;
        this.skipExisting = skipExisting;
    }

    /** Begins to write one, and waits for earlier ones if need be. */
    void add(long line, ImportedRow row) throws Exception {
        List<String> name = List.of(row.table(), row.key());
        while (underWay.size() >= outstandingMax || rowsUnderWay.contains(name)) {
            awaitFirst();
        }
        Instant expireTime = row.expireTime();
        WriteOptions options = expireTime == null
                ? WriteOptions.defaults()
                : WriteOptions.defaults().withExpiryAt(expireTime);
        var table = client.table(row.table(), new RawCodec(row.contentType())).async();
        rowsUnderWay.add(name);
        underWay.add(new UnderWay(
                line,
                name,
                skipExisting
                        ? table.put(row.key(), row.value(), Condition.absent(), options)
                        : table.put(row.key(), row.value(), options)));
    }

    /** Waits for all. */
    void end() throws Exception {
        while (!underWay.isEmpty()) {
            awaitFirst();
        }
    }

    private void awaitFirst() throws Exception {
        UnderWay first = underWay.element();
        try {
            WriteResult<byte[]> unused = first.result().get();
            written++;
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof ConditionFailedException) || !skipExisting) {
                throw e.getCause() instanceof Exception failure ? failure : e;
            }
            skipped++;
        }
        rowsUnderWay.remove(first.row());
        underWay.remove();
    }

    /** Waits for no more. */
    void abandon() {
        underWay.forEach(one -> one.result().cancel(false));
    }

    /** The first line that is not known to be written. */
    long failedLine(long lastRead) {
        return underWay.isEmpty() ? lastRead : underWay.element().line();
    }

    /** How many were written, as is known for certain. */
    long written() {
        return written;
    }

    /** How many were left alone because there were such rows. */
    long skipped() {
        return skipped;
    }
}
