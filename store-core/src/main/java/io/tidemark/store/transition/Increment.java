// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import com.google.protobuf.ByteString;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.store.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Adds to a decimal integer as text, {@code 0|-?[1-9][0-9]*}: one spelling per number, no plus sign, no leading zero, no white
 * space, no minus zero. An integer that is itself outside int64 counts as overflow, since no sum with it is known to be inside.
 */
public final class Increment {

    private static final int DIGITS_MAX = 19;

    private Increment() {}

    /** The sum as text. */
    public static ByteString add(ByteString value, long delta) {
        String text = value.size() <= DIGITS_MAX + 1 ? value.toString(StandardCharsets.ISO_8859_1) : "";
        if (!isInteger(value)) {
            throw Refusal.of(
                            ErrorReason.ERROR_REASON_NOT_A_NUMBER,
                            "the row's value is no decimal integer (expected: such as 42 or -7)",
                            Map.of())
                    .toException();
        }
        try {
            return text(Math.addExact(Long.parseLong(text), delta));
        } catch (ArithmeticException | NumberFormatException e) {
            throw overflow(delta);
        }
    }

    /** The sum for an absent row. */
    public static ByteString addToInitial(long initial, long delta) {
        try {
            return text(Math.addExact(initial, delta));
        } catch (ArithmeticException e) {
            throw overflow(delta);
        }
    }

    private static RuntimeException overflow(long delta) {
        return Refusal.of(
                        ErrorReason.ERROR_REASON_INCREMENT_OVERFLOW,
                        "adding " + delta + " leaves the range of int64",
                        Map.of(ErrorMetadata.DELTA, delta))
                .toException();
    }

    private static ByteString text(long number) {
        return ByteString.copyFrom(Long.toString(number), StandardCharsets.US_ASCII);
    }

    private static boolean isInteger(ByteString value) {
        int start = value.size() > 1 && value.byteAt(0) == '-' ? 1 : 0;
        boolean zero = value.size() == 1 && value.byteAt(0) == '0';
        boolean valid = zero || (value.size() > start && value.byteAt(start) != '0');
        for (int i = start; valid && i < value.size(); i++) {
            valid = value.byteAt(i) >= '0' && value.byteAt(i) <= '9';
        }
        return valid;
    }
}
