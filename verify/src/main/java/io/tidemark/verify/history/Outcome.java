// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

import java.util.Optional;

/** What a client was told in the end, its retries included. */
public sealed interface Outcome {

    /** The write is acknowledged, as the commit of this index, and gave its row this version. */
    record Written(long index, long version) implements Outcome {}

    /** Nothing was written, because the condition did not hold at this index. */
    record Refused(long evaluatedIndex) implements Outcome {}

    /** The read was answered as of this index; empty: there was no such row. */
    record Seen(long index, Optional<Found> row) implements Outcome {}

    /** Nothing was written and nothing will be, or nothing was read. */
    record Failed(String reason) implements Outcome {}

    /** The write may have happened, or may still happen. */
    record Unknown(String reason) implements Outcome {}

    /** A row as a read found it. */
    record Found(String value, long version, long modifiedIndex) {}
}
