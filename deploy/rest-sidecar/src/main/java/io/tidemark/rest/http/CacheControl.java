// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.http;

import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a request's {@code Cache-Control} asks for. Directives that say nothing of freshness are passed over, as HTTP wants it.
 *
 * @param noCache the newest state
 * @param maxAge how stale at most; null: it does not say
 */
public record CacheControl(boolean noCache, @Nullable Duration maxAge) {

    private static final CacheControl NOTHING = new CacheControl(false, null);

    public static CacheControl parse(@Nullable String value) {
        if (value == null) {
            return NOTHING;
        }
        boolean noCache = false;
        Duration maxAge = null;
        for (String directive : value.split(",", -1)) {
            String name = directive.strip().toLowerCase(Locale.ROOT);
            if (name.equals("no-cache")) {
                noCache = true;
            } else if (name.startsWith("max-age=")) {
                maxAge = seconds(name.substring("max-age=".length()));
            }
        }
        return new CacheControl(noCache, maxAge);
    }

    private static Duration seconds(String text) {
        String digits = text.startsWith("\"") && text.endsWith("\"") && text.length() > 1
                ? text.substring(1, text.length() - 1)
                : text;
        if (!digits.matches("[0-9]{1,10}")) {
            throw Problem.invalid("Cache-Control", "Cache-Control: max-age=" + text + " (expected: whole seconds)")
                    .toException();
        }
        return Duration.ofSeconds(Long.parseLong(digits));
    }
}
