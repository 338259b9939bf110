// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.json;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * The text of a double: the fewest digits that read back as the same double, and of those the nearest to it; laid out as
 * ECMAScript does (and RFC 8785 after it): no exponent from 1e-6 up to below 1e21, so integers have no fraction; minus zero
 * is {@code 0}.
 *
 * <p>Not {@link Double#toString}, whose digits changed between releases of Java. Reading a double is exact in all of them.
 */
final class JsonNumber {

    private static final double EXACT_INTEGERS_END = 0x1p53;
    private static final int DIGITS_MAX = 17;

    private JsonNumber() {}

    /** The text of a finite number. */
    static String text(double number) {
        if (number == Math.rint(number) && Math.abs(number) < EXACT_INTEGERS_END) {
            return Long.toString((long) number);
        }
        String sign = number < 0 ? "-" : "";
        return sign + layOut(shortest(Math.abs(number)));
    }

    private static BigDecimal shortest(double number) {
        BigDecimal exact = new BigDecimal(number);
        BigDecimal best = exact.round(new MathContext(DIGITS_MAX, RoundingMode.HALF_EVEN));
        int low = 1;
        int high = DIGITS_MAX;
        while (low < high) {
            int digits = (low + high) / 2;
            BigDecimal candidate = withDigits(exact, digits, number);
            if (candidate.signum() == 0) {
                low = digits + 1;
            } else {
                best = candidate;
                high = digits;
            }
        }
        return best.stripTrailingZeros();
    }

    /** The nearest number of so many digits that reads back; zero if there is none. */
    private static BigDecimal withDigits(BigDecimal exact, int digits, double number) {
        BigDecimal nearest = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
        if (readsBack(nearest, number)) {
            return nearest;
        }
        // Beside a power of two the doubles above lie farther apart than those below, so the other side may still do.
        RoundingMode other = nearest.compareTo(exact) > 0 ? RoundingMode.DOWN : RoundingMode.UP;
        BigDecimal opposite = exact.round(new MathContext(digits, other));
        return readsBack(opposite, number) ? opposite : BigDecimal.ZERO;
    }

    private static boolean readsBack(BigDecimal candidate, double number) {
        return Double.parseDouble(candidate.unscaledValue() + "E" + -candidate.scale()) == number;
    }

    private static String layOut(BigDecimal number) {
        String digits = number.unscaledValue().toString();
        int count = digits.length();
        // The number is 0.digits times ten to this power.
        int point = count - number.scale();
        if (count <= point && point <= 21) {
            return digits + "0".repeat(point - count);
        }
        if (0 < point && point <= 21) {
            return digits.substring(0, point) + "." + digits.substring(point);
        }
        if (-6 < point && point <= 0) {
            return "0." + "0".repeat(-point) + digits;
        }
        int exponent = point - 1;
        String fraction = count == 1 ? "" : "." + digits.substring(1);
        return digits.charAt(0) + fraction + "e" + (exponent < 0 ? "-" : "+") + Math.abs(exponent);
    }
}
