// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.ratis.server.protocol.TermIndex;
import org.jspecify.annotations.Nullable;

/** The name of the directory in which a checkpoint travels: it says of which entry it is. */
final class CheckpointName {

    private static final Pattern NAME = Pattern.compile("checkpoint-([0-9]{1,18})-([0-9]{1,18})");

    private CheckpointName() {}

    static String of(TermIndex at) {
        return "checkpoint-" + at.getTerm() + "-" + at.getIndex();
    }

    /** Null: that is something else. */
    static @Nullable TermIndex parse(Path path) {
        Matcher matcher = NAME.matcher(String.valueOf(path.getFileName()));
        return matcher.matches()
                ? TermIndex.valueOf(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)))
                : null;
    }
}
