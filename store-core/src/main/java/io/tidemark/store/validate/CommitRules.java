// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.validate;

import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.Condition;
import io.tidemark.proto.v1.Existence;
import io.tidemark.proto.v1.Expiry;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.RowCondition;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.proto.v1.Value;
import io.tidemark.store.Refusal;

/** The rules of a normalised commit that can be told without the state. */
public final class CommitRules {

    private final Violations violations = new Violations();
    private final StoreSettings settings;

    private CommitRules(StoreSettings settings) {
        this.settings = settings;
    }

    /** Throws unless the commit keeps to the contract and to the limits. */
    public static void require(CommitRequest commit, StoreSettings settings) {
        if (commit.getConditionsCount() > settings.getMaxCommitConditions()) {
            throw Refusal.tooLarge(
                            "conditions of a commit", commit.getConditionsCount(), settings.getMaxCommitConditions())
                    .toException();
        }
        if (commit.getMutationsCount() > settings.getMaxCommitRows()) {
            throw Refusal.tooLarge("mutations of a commit", commit.getMutationsCount(), settings.getMaxCommitRows())
                    .toException();
        }
        new CommitRules(settings).check(commit);
    }

    private void check(CommitRequest commit) {
        for (int i = 0; i < commit.getConditionsCount(); i++) {
            check("conditions[" + i + "]", commit.getConditions(i));
        }
        if (commit.getMutationsCount() == 0) {
            violations.add("mutations", "expected: at least one");
        }
        for (int i = 0; i < commit.getMutationsCount(); i++) {
            if (!isSoundPut(commit.getMutations(i))) {
                check("mutations[" + i + "]", commit.getMutations(i));
            }
        }
        violations.throwIfAny();
    }

    /** What most mutations are: nothing of it need be named. */
    private boolean isSoundPut(Mutation mutation) {
        return mutation.hasPut()
                && !mutation.getPut().hasExpiry()
                && NameRules.isTable(mutation.getTable())
                && NameRules.isKey(mutation.getPut().getKey())
                && ValueRules.isSound(mutation.getPut().getValue())
                && mutation.getPut().getValue().getBytes().size() <= settings.getMaxValueBytes();
    }

    private void check(String field, Condition condition) {
        NameRules.checkTable(violations, field + ".table", condition.getTable());
        NameRules.checkKey(violations, field + ".key", condition.getKey());
        String check = field + ".condition";
        RowCondition row = condition.getCondition();
        switch (row.getCheckCase()) {
            case EXISTENCE -> {
                if (row.getExistence() != Existence.EXISTENCE_ABSENT
                        && row.getExistence() != Existence.EXISTENCE_PRESENT) {
                    violations.add(check + ".existence", "expected: EXISTENCE_ABSENT or EXISTENCE_PRESENT");
                }
            }
            case MODIFIED_INDEX -> checkPositive(check + ".modified_index", row.getModifiedIndex());
            case VERSION -> checkPositive(check + ".version", row.getVersion());
            case VALUE -> checkValue(check + ".value", row.getValue());
            case CHECK_NOT_SET -> violations.add(check, "expected: a check");
        }
    }

    private void check(String field, Mutation mutation) {
        NameRules.checkTable(violations, field + ".table", mutation.getTable());
        switch (mutation.getChangeCase()) {
            case PUT -> {
                NameRules.checkKey(
                        violations, field + ".put.key", mutation.getPut().getKey());
                checkValue(field + ".put.value", mutation.getPut().getValue());
                checkExpiry(
                        field + ".put.expiry",
                        mutation.getPut().hasExpiry(),
                        mutation.getPut().getExpiry());
            }
            case DELETE ->
                NameRules.checkKey(
                        violations, field + ".delete.key", mutation.getDelete().getKey());
            case DELETE_RANGE -> {
                NameRules.checkRange(
                        violations,
                        field + ".delete_range.range",
                        mutation.getDeleteRange().getRange());
                if (mutation.getDeleteRange().hasLimit()
                        && mutation.getDeleteRange().getLimit() <= 0) {
                    violations.add(field + ".delete_range.limit", "expected: positive");
                }
            }
            case PATCH -> {
                NameRules.checkKey(
                        violations, field + ".patch.key", mutation.getPatch().getKey());
                checkValue(field + ".patch.patch", mutation.getPatch().getPatch());
                checkExpiry(
                        field + ".patch.expiry",
                        mutation.getPatch().hasExpiry(),
                        mutation.getPatch().getExpiry());
            }
            case INCREMENT -> {
                NameRules.checkKey(
                        violations,
                        field + ".increment.key",
                        mutation.getIncrement().getKey());
                checkExpiry(
                        field + ".increment.expiry",
                        mutation.getIncrement().hasExpiry(),
                        mutation.getIncrement().getExpiry());
            }
            case CHANGE_NOT_SET -> violations.add(field, "expected: a change");
        }
    }

    private void checkPositive(String field, long number) {
        if (number <= 0) {
            violations.add(field, "expected: positive (an absent row is checked by EXISTENCE_ABSENT)");
        }
    }

    private void checkValue(String field, Value value) {
        ValueRules.checkValue(violations, field, value);
        if (value.getBytes().size() > settings.getMaxValueBytes()) {
            throw Refusal.tooLarge("bytes of " + field, value.getBytes().size(), settings.getMaxValueBytes())
                    .toException();
        }
    }

    private void checkExpiry(String field, boolean present, Expiry expiry) {
        if (present) {
            ValueRules.checkExpiry(violations, field, expiry);
        }
    }
}
