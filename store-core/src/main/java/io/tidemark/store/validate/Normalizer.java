// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.validate;

import com.google.protobuf.ByteString;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.Condition;
import io.tidemark.proto.v1.DeleteMutation;
import io.tidemark.proto.v1.DeleteRequest;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PatchMutation;
import io.tidemark.proto.v1.PatchRequest;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.RowCondition;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.proto.v1.Value;
import io.tidemark.store.Refusal;
import io.tidemark.store.Utf8;
import io.tidemark.store.json.JsonValueText;

/**
 * Brings writes into the one form that the log holds: a commit whose values are bytes with a content type, without what
 * bears on the answer only. Done once, at the server's edge, before the write is proposed; so how a caller gave a value, and
 * whether as {@code Put} or as {@code Commit}, does not change the content that its request id stands for.
 */
public final class Normalizer {

    private static final String JSON = "application/json";

    private Normalizer() {}

    public static CommitRequest commit(CommitRequest request, StoreSettings settings) {
        CommitRequest.Builder commit = CommitRequest.newBuilder();
        for (int i = 0; i < request.getConditionsCount(); i++) {
            Condition condition = request.getConditions(i);
            commit.addConditions(condition(
                    condition.getTable(),
                    condition.getKey(),
                    condition.getCondition(),
                    "conditions[" + i + "].condition.value"));
        }
        for (int i = 0; i < request.getMutationsCount(); i++) {
            commit.addMutations(mutation(request.getMutations(i), "mutations[" + i + "]"));
        }
        CommitRequest normal = commit.build();
        CommitRules.require(normal, settings);
        return normal;
    }

    public static CommitRequest put(PutRequest request, StoreSettings settings) {
        PutMutation.Builder put =
                PutMutation.newBuilder().setKey(request.getKey()).setValue(request.getValue());
        if (request.hasExpiry()) {
            put.setExpiry(request.getExpiry());
        }
        return single(
                Mutation.newBuilder().setTable(request.getTable()).setPut(put).build(),
                request.hasCondition(),
                condition(request.getTable(), request.getKey(), request.getCondition(), "condition.value"),
                settings);
    }

    public static CommitRequest delete(DeleteRequest request, StoreSettings settings) {
        return single(
                Mutation.newBuilder()
                        .setTable(request.getTable())
                        .setDelete(DeleteMutation.newBuilder().setKey(request.getKey()))
                        .build(),
                request.hasCondition(),
                condition(request.getTable(), request.getKey(), request.getCondition(), "condition.value"),
                settings);
    }

    public static CommitRequest patch(PatchRequest request, StoreSettings settings) {
        PatchMutation.Builder patch =
                PatchMutation.newBuilder().setKey(request.getKey()).setPatch(request.getPatch());
        if (request.hasExpiry()) {
            patch.setExpiry(request.getExpiry());
        }
        return single(
                Mutation.newBuilder()
                        .setTable(request.getTable())
                        .setPatch(patch)
                        .build(),
                request.hasCondition(),
                condition(request.getTable(), request.getKey(), request.getCondition(), "condition.value"),
                settings);
    }

    /** The bytes and content type of a value, however it was given. */
    public static Value value(Value value, String field) {
        String contentType = value.getContentType();
        return switch (value.getDataCase()) {
            case BYTES -> bytes(value.getBytes(), contentType, "application/octet-stream");
            case TEXT -> {
                if (Utf8.length(value.getText()) < 0) {
                    throw Refusal.ofField(field + ".text", "expected: UTF-8, so no unpaired surrogate")
                            .toException();
                }
                yield bytes(value.getTextBytes(), contentType, "text/plain");
            }
            case JSON -> {
                try {
                    yield bytes(JsonValueText.of(value.getJson()), contentType, JSON);
                } catch (IllegalArgumentException e) {
                    throw Refusal.ofField(field + ".json", String.valueOf(e.getMessage()))
                            .toException();
                }
            }
            case DATA_NOT_SET ->
                throw Refusal.ofField(field, "expected: bytes, text or json").toException();
        };
    }

    private static Value bytes(ByteString bytes, String contentType, String contentTypeDefault) {
        return Value.newBuilder()
                .setBytes(bytes)
                .setContentType(contentType.isEmpty() ? contentTypeDefault : contentType)
                .build();
    }

    private static CommitRequest single(
            Mutation mutation, boolean conditional, Condition condition, StoreSettings settings) {
        CommitRequest.Builder commit = CommitRequest.newBuilder().addMutations(mutation(mutation, "request"));
        if (conditional) {
            commit.addConditions(condition);
        }
        CommitRules.require(commit.build(), settings);
        return commit.build();
    }

    private static Condition condition(String table, String key, RowCondition condition, String field) {
        RowCondition.Builder normal = condition.toBuilder();
        if (condition.hasValue()) {
            // Content types are not compared, so they are no part of the content.
            normal.setValue(value(condition.getValue(), field).toBuilder().setContentType("application/octet-stream"));
        }
        return Condition.newBuilder()
                .setTable(table)
                .setKey(key)
                .setCondition(normal)
                .build();
    }

    private static Mutation mutation(Mutation mutation, String field) {
        Mutation.Builder normal = mutation.toBuilder();
        if (mutation.hasPut()) {
            normal.getPutBuilder().setValue(value(mutation.getPut().getValue(), field + ".put.value"));
        } else if (mutation.hasPatch()) {
            normal.getPatchBuilder().setPatch(value(mutation.getPatch().getPatch(), field + ".patch.patch"));
        }
        return normal.build();
    }
}
