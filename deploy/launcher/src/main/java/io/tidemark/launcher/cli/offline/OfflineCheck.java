// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.offline;

import io.tidemark.launcher.cli.Fields;
import io.tidemark.launcher.cli.Progress;
import io.tidemark.node.consensus.OutvotedMark;
import io.tidemark.store.engine.CorruptionException;
import io.tidemark.store.state.DeepCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads the store of a stopped server from end to end: every checksum of every file, and then whether its rows are those that were applied. */
public final class OfflineCheck {

    private OfflineCheck() {}

    /**
     * What was found.
     *
     * @param outvoted why a majority of the nodes found its rows to be wrong; empty: it did not
     * @param damage the damage that ended the check; empty: there is none
     * @param differences for each shard whose rows are not what was applied, its buckets that differ
     */
    public record Result(
            Path directory,
            long index,
            long rows,
            String outvoted,
            String damage,
            Map<Integer, List<Integer>> differences) {

        public boolean isSound() {
            return outvoted.isEmpty() && damage.isEmpty() && differences.isEmpty();
        }

        public Fields fields() {
            return Fields.of()
                    .with("directory", directory.toString())
                    .with("sound", isSound())
                    .with("index", index)
                    .with("row_count", rows)
                    .withText("outvoted", outvoted)
                    .withText("damage", damage)
                    .with("differences", differences);
        }

        public String text() {
            StringBuilder text = new StringBuilder();
            if (!outvoted.isEmpty()) {
                text.append("OUTVOTED: " + outvoted + "\n");
            }
            if (!damage.isEmpty()) {
                text.append("DAMAGED: " + damage + "\n");
            }
            differences.forEach(
                    (shard, buckets) -> text.append("shard " + shard + " DIFFERS, buckets " + buckets + "\n"));
            text.append(directory + ": index " + index + ", " + rows + " rows, " + (isSound() ? "sound" : "NOT SOUND")
                    + "\n");
            return text.toString();
        }
    }

    /** Checks a data directory. */
    public static Result run(Path directory, Progress progress) throws IOException {
        String outvoted = OutvotedMark.in(directory).read().orElse("");
        try (OfflineStore opened = OfflineStore.open(directory)) {
            return check(directory, outvoted, opened, progress);
        } catch (CorruptionException e) {
            return new Result(directory, 0, 0, outvoted, String.valueOf(e.getMessage()), Map.of());
        } finally {
            progress.end();
        }
    }

    private static Result check(Path directory, String outvoted, OfflineStore opened, Progress progress) {
        try {
            opened.store().scrub((done, total) -> progress.say("checking files", done, total, "bytes"));
            DeepCheck check =
                    opened.store().check(rows -> progress.say("computing digests", rows, opened.rowCount(), "rows"));
            return new Result(
                    directory, opened.index(), opened.rowCount(), outvoted, "", new TreeMap<>(check.differences()));
        } catch (CorruptionException e) {
            return new Result(
                    directory, opened.index(), opened.rowCount(), outvoted, String.valueOf(e.getMessage()), Map.of());
        }
    }
}
