// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import io.tidemark.client.internal.call.Begun;
import io.tidemark.client.internal.call.Calls;
import io.tidemark.client.internal.dispatch.Answer;
import io.tidemark.client.internal.session.Seen;
import io.tidemark.client.internal.wire.Names;
import io.tidemark.client.internal.wire.Values;
import io.tidemark.client.internal.wire.Writes;
import io.tidemark.proto.v1.BatchGetResponse;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.RowKey;
import io.tidemark.proto.v1.RowView;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The calls of a table, for {@link Table} to wait for and {@link AsyncTable} to hand out.
 *
 * @param session whose calls they are unless they say
 * @param consistency what reads ask for that do not say; null: what the client asks for
 */
record TableCalls<V>(
        String table,
        Codec<V> codec,
        Calls calls,
        Session session,
        @Nullable Consistency consistency) {

    TableCalls<V> in(Session other) {
        Objects.requireNonNull(other, "session");
        return new TableCalls<>(table, codec, calls, other, consistency);
    }

    TableCalls<V> with(Consistency other) {
        Objects.requireNonNull(other, "consistency");
        return new TableCalls<>(table, codec, calls, session, other);
    }

    Call<Answer<GetResponse>, GetResult<V>> get(String key, ReadOptions options) {
        Names.requireKey(key);
        Seen seen = options.session().orElse(session).seen();
        Consistency asked = consistency(options);
        Begun begun = calls.begin("get", asked, options);
        return Call.read(
                begun,
                calls.read(
                        begun,
                        asked,
                        options,
                        seen,
                        (ask, context) -> calls.dispatcher().get(table, key, ask, view(options), context)),
                answer -> {
                    GetResponse message = answer.message();
                    Header header = calls.header(
                            answer, message.getHeader(), message.getHeader().getReadIndex(), seen, begun);
                    return new GetResult<>(
                            table,
                            key,
                            message.hasRow() ? Values.row(codec, message.getRow(), header.historyId()) : null,
                            header);
                });
    }

    Call<Answer<BatchGetResponse>, GetAllResult<V>> getAll(Collection<String> keys, ReadOptions options) {
        Set<String> distinct = new LinkedHashSet<>(keys);
        if (distinct.isEmpty()) {
            throw new IllegalArgumentException("keys: none (expected: at least one)");
        }
        List<String> names = List.copyOf(distinct);
        List<RowKey> rowKeys = names.stream()
                .map(key -> RowKey.newBuilder()
                        .setTable(table)
                        .setKey(Names.requireKey(key))
                        .build())
                .toList();
        Seen seen = options.session().orElse(session).seen();
        Consistency asked = consistency(options);
        Begun begun = calls.begin("get_all", asked, options);
        return Call.read(
                begun,
                calls.read(
                        begun,
                        asked,
                        options,
                        seen,
                        (ask, context) -> calls.dispatcher().batchGet(rowKeys, ask, view(options), context)),
                answer -> {
                    BatchGetResponse message = answer.message();
                    Header header = calls.header(
                            answer, message.getHeader(), message.getHeader().getReadIndex(), seen, begun);
                    return rows(names, message, header);
                });
    }

    private GetAllResult<V> rows(List<String> asked, BatchGetResponse message, Header header) {
        Map<String, Row<V>> rows = new LinkedHashMap<>();
        Set<String> absent = new LinkedHashSet<>();
        for (int i = 0; i < asked.size(); i++) {
            if (message.getResults(i).hasRow()) {
                rows.put(asked.get(i), Values.row(codec, message.getResults(i).getRow(), header.historyId()));
            } else {
                absent.add(asked.get(i));
            }
        }
        return new GetAllResult<>(rows, absent, header);
    }

    TableWrites<V> writes() {
        return new TableWrites<>(this);
    }

    /** What the session of a write has seen. */
    Seen seen(WriteOptions options) {
        return options.session().orElse(session).seen();
    }

    /**
     * In the history of the condition if that names one, else of the session.
     *
     * @throws HistoryChangedException if they are of two: whatever the cluster is in, the write is wrong for one of them
     */
    io.tidemark.proto.v1.WriteOptions writeOptions(WriteOptions options, @Nullable Condition<V> condition, Seen seen) {
        return Writes.options(options, Tokens.common(seen.historyId(), Writes.historyOf(condition)));
    }

    /** How fresh a read must be. */
    Consistency consistency(ReadOptions options) {
        return options.consistency().orElse(consistency == null ? calls.consistency() : consistency);
    }

    private static RowView view(ReadOptions options) {
        return options.values() ? RowView.ROW_VIEW_FULL : RowView.ROW_VIEW_METADATA;
    }
}
