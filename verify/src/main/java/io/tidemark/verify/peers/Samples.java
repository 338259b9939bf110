// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.peers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The same figure measured several times, round by round. */
public final class Samples {

    private final List<Double> values = new ArrayList<>();

    public void add(double value) {
        values.add(value);
    }

    public double median() {
        double[] sorted = sorted();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    public double lowest() {
        return sorted()[0];
    }

    public double highest() {
        double[] sorted = sorted();
        return sorted[sorted.length - 1];
    }

    /** This by the other, round by round: what disturbs one round disturbs both sides of it. */
    public Samples by(Samples other) {
        if (values.size() != other.values.size()) {
            throw new IllegalArgumentException(
                    "rounds: " + values.size() + " by " + other.values.size() + " (expected: as many)");
        }
        Samples ratios = new Samples();
        for (int i = 0; i < values.size(); i++) {
            ratios.add(values.get(i) / other.values.get(i));
        }
        return ratios;
    }

    /** The median, and the lowest and highest behind it. */
    public String cell(String format) {
        return String.format(Locale.ROOT, format + " (" + format + "–" + format + ")", median(), lowest(), highest());
    }

    private double[] sorted() {
        if (values.isEmpty()) {
            throw new IllegalStateException("nothing was measured");
        }
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        return sorted;
    }
}
