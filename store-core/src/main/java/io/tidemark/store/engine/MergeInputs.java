// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** The inputs of a merge that are not replaced yet, and how many of the target level it has passed. */
final class MergeInputs {
    private final List<Table> upper = new ArrayList<>();
    private final List<Table> ofTarget = new ArrayList<>();
    private int passed;

    MergeInputs(CompactionPicker.Plan plan) {
        for (Table input : plan.inputs()) {
            (input.name().level() == plan.target() ? ofTarget : upper).add(input);
        }
        ofTarget.sort(Comparator.comparing(input -> input.footer().minKey(), Arrays::compareUnsigned));
    }

    /** Whether inputs of the target level end before the next row, and none has begun that does not. */
    boolean endBetween(TableWriter writer, EncodedRow next) {
        while (isEndAhead() && endsBefore(ofTarget.get(passed), next)) {
            passed++;
        }
        return passed > 0 && (!isEndAhead() || writer.endsBefore(ofTarget.get(passed)));
    }

    private static boolean endsBefore(Table input, EncodedRow next) {
        byte[] maxKey = input.footer().maxKey();
        return Arrays.compareUnsigned(maxKey, next.key()) < 0
                && !Encoding.hasPrefix(next.key(), Encoding.prefixOf(maxKey));
    }

    boolean isEndAhead() {
        return passed < ofTarget.size();
    }

    /** A large input makes two tables, of which the second is well filled when the input ends; others make one. */
    long bytesBeforeCut(long tableBytesMax) {
        if (!isEndAhead()) {
            return tableBytesMax;
        }
        boolean large = ofTarget.get(passed).footer().rowBytes() > tableBytesMax / 4 * 5;
        return large ? tableBytesMax / 4 * 3 : tableBytesMax / 2 * 3;
    }

    /** Those that have been passed since the last call. */
    List<Table> takePassed() {
        List<Table> some = ofTarget.subList(0, passed);
        List<Table> taken = List.copyOf(some);
        some.clear();
        passed = 0;
        return taken;
    }

    /** Those that are left. */
    List<Table> takeAll() {
        List<Table> taken = new ArrayList<>(upper);
        taken.addAll(ofTarget);
        upper.clear();
        ofTarget.clear();
        passed = 0;
        return taken;
    }
}
