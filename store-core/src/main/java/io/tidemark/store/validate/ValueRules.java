// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.validate;

import io.tidemark.proto.v1.Expiry;
import io.tidemark.proto.v1.Value;
import io.tidemark.store.LogTime;
import io.tidemark.store.Utf8;

/** What values and expiries may look like once they are normalised. */
final class ValueRules {

    static final int CONTENT_TYPE_BYTES_MAX = 255;

    private ValueRules() {}

    /** Whether {@link #checkValue} has nothing to say. */
    static boolean isSound(Value value) {
        return value.getDataCase() == Value.DataCase.BYTES
                && !value.getContentType().isEmpty()
                && isContentType(value.getContentType());
    }

    private static boolean isContentType(String contentType) {
        int bytes = Utf8.length(contentType);
        return bytes >= 0 && bytes <= CONTENT_TYPE_BYTES_MAX;
    }

    static void checkValue(Violations violations, String field, Value value) {
        if (value.getDataCase() != Value.DataCase.BYTES) {
            violations.add(field, "expected: a value, normalised to bytes");
        }
        if (value.getContentType().isEmpty()) {
            violations.add(field + ".content_type", "expected: a content type");
        }
        checkContentType(violations, field, value);
    }

    static void checkContentType(Violations violations, String field, Value value) {
        if (!isContentType(value.getContentType())) {
            violations.add(field + ".content_type", "expected: at most " + CONTENT_TYPE_BYTES_MAX + " bytes of UTF-8");
        }
    }

    static void checkExpiry(Violations violations, String field, Expiry expiry) {
        switch (expiry.getWhenCase()) {
            case TTL -> {
                if (!LogTime.isPositive(expiry.getTtl())) {
                    violations.add(field + ".ttl", "expected: a positive duration");
                }
            }
            case EXPIRE_TIME -> {
                if (!LogTime.isValid(expiry.getExpireTime())) {
                    violations.add(field + ".expire_time", "expected: a time from year 1 to year 9999");
                }
            }
            case NEVER -> {}
            case WHEN_NOT_SET -> violations.add(field, "expected: ttl, expire_time or never");
        }
    }
}
