// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import io.tidemark.client.Header;
import io.tidemark.client.ServedBy;
import io.tidemark.client.Unmet;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What an answer says of itself: which state it is, how old at most, from whom. */
public final class Facts {

    private Facts() {}

    /** Of a read, in words. */
    public static String ofRead(Header header) {
        return "as of index " + header.index() + ", " + staleness(header.stalenessOnArrival()) + ", served by "
                + servedBy(header.servedBy())
                + header.unmet()
                        .map(unmet -> "; NOT AS FRESH AS ASKED: " + describe(unmet))
                        .orElse("");
    }

    /** Of a write, in words. */
    public static String ofWrite(Header header) {
        return "at index " + header.index() + ", by " + servedBy(header.servedBy());
    }

    /** For programs. */
    public static Fields fields(Header header) {
        return Fields.of()
                .with("index", header.index())
                .with("history_id", header.historyId())
                .with("token", header.token())
                .withMillis("staleness_ms", header.stalenessOnArrival().orElse(null))
                .with("applied_index", header.appliedIndex())
                .with("time", header.time().orElse(null))
                .with("served_by", header.servedBy().id())
                .with("role", role(header.servedBy()))
                .with("address", header.servedBy().address())
                .with("unmet", header.unmet().map(Facts::describe).orElse(null));
    }

    private static String staleness(Optional<Duration> staleness) {
        return staleness
                .map(known -> "at most " + Quantities.duration(known) + " stale")
                .orElse("of unknown staleness");
    }

    /** Such as {@code r2 (replica)}. */
    public static String servedBy(ServedBy server) {
        return server.id() + " (" + role(server) + ")";
    }

    private static String role(ServedBy server) {
        return server.role().name().toLowerCase(Locale.ROOT);
    }

    /** What is missing. */
    public static String describe(Unmet unmet) {
        StringBuilder text = new StringBuilder();
        if (unmet.linearizable()) {
            append(text, "the newest state could not be confirmed");
        }
        if (unmet.askedStaleness() != null) {
            append(
                    text,
                    "staleness " + Quantities.staleness(Optional.ofNullable(unmet.actualStaleness()))
                            + " (asked: at most " + Quantities.duration(unmet.askedStaleness()) + ")");
        }
        appendNumber(text, "index", unmet.askedIndex(), unmet.actualIndex());
        appendNumber(text, "lag", unmet.askedLag(), unmet.actualLag());
        append(text, "behind: " + unmet.behind().name().toLowerCase(Locale.ROOT));
        return text.toString();
    }

    private static void appendNumber(StringBuilder text, String what, @Nullable Long asked, @Nullable Long actual) {
        if (asked != null) {
            append(text, what + " " + (actual == null ? "unknown" : actual.toString()) + " (asked: " + asked + ")");
        }
    }

    private static void append(StringBuilder text, String part) {
        text.append(text.isEmpty() ? "" : "; ").append(part);
    }
}
