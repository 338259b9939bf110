// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

/** A table as the manifest names it: enough to notice that either of its files was changed or cut. */
record TableName(long number, int level, long tableBytes, int footerCrc) {
    static final String PREFIX = "t-";
    static final String TABLE_SUFFIX = ".stm";
    static final String FOOTER_SUFFIX = ".aux";

    String tableFile() {
        return PREFIX + number + TABLE_SUFFIX;
    }

    String footerFile() {
        return PREFIX + number + FOOTER_SUFFIX;
    }
}
