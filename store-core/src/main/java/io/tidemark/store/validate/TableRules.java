// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.validate;

import io.tidemark.api.ErrorMetadata;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.ShardingRule;
import io.tidemark.proto.v1.TableSettings;
import io.tidemark.store.LogTime;
import io.tidemark.store.Refusal;
import java.util.List;
import java.util.Map;

/** The rules of table settings, and what an update does to them. */
public final class TableRules {

    private TableRules() {}

    /** Throws unless the settings keep to the contract. */
    public static void requireSettings(TableSettings settings) {
        Violations violations = new Violations();
        if (settings.hasDefaultTtl() && !LogTime.isPositive(settings.getDefaultTtl())) {
            violations.add("settings.default_ttl", "expected: a positive duration");
        }
        if (settings.hasHttpCacheAge() && !LogTime.isPositive(settings.getHttpCacheAge())) {
            violations.add("settings.http_cache_age", "expected: a positive duration");
        }
        if (settings.hasMaxValueBytes() && settings.getMaxValueBytes() <= 0) {
            violations.add("settings.max_value_bytes", "expected: positive");
        }
        if (settings.hasShardingRule()
                && settings.getShardingRule().getRuleCase() == ShardingRule.RuleCase.RULE_NOT_SET) {
            violations.add("settings.sharding_rule", "expected: a rule");
        }
        violations.throwIfAny();
        if (settings.getShardingRule().hasKeyPrefix()) {
            throw Refusal.of(
                            ErrorReason.ERROR_REASON_UNSUPPORTED,
                            "settings.sharding_rule.key_prefix: not supported by this version",
                            Map.of(ErrorMetadata.FIELD, "settings.sharding_rule.key_prefix"))
                    .toException();
        }
    }

    /** The settings that an update leads to: the fields that the mask names are taken from {@code update}, or cleared. */
    public static TableSettings updated(TableSettings settings, TableSettings update, List<String> mask) {
        if (mask.isEmpty()) {
            throw Refusal.ofField("update_mask", "expected: at least one path").toException();
        }
        TableSettings.Builder updated = settings.toBuilder();
        for (String path : mask) {
            switch (path) {
                case "default_ttl" -> {
                    updated.clearDefaultTtl();
                    if (update.hasDefaultTtl()) {
                        updated.setDefaultTtl(update.getDefaultTtl());
                    }
                }
                case "http_cache_age" -> {
                    updated.clearHttpCacheAge();
                    if (update.hasHttpCacheAge()) {
                        updated.setHttpCacheAge(update.getHttpCacheAge());
                    }
                }
                case "max_value_bytes" -> {
                    updated.clearMaxValueBytes();
                    if (update.hasMaxValueBytes()) {
                        updated.setMaxValueBytes(update.getMaxValueBytes());
                    }
                }
                case "sharding_rule" ->
                    throw Refusal.ofField("update_mask", "sharding_rule is fixed when a table is made")
                            .toException();
                default ->
                    throw Refusal.ofField("update_mask", "expected: default_ttl, http_cache_age or max_value_bytes")
                            .toException();
            }
        }
        requireSettings(updated.build());
        return updated.build();
    }
}
