// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.cluster;

import io.tidemark.launcher.cli.Progress;
import java.util.Iterator;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Shows what a long call tells of its progress. */
final class ProgressStream {

    private ProgressStream() {}

    /**
     * Follows it to its end, and gives the last message; null: there was none.
     *
     * @param progressOf what a message says of the progress
     * @param seen told of each message
     */
    static <T> @Nullable T follow(
            Iterator<T> messages,
            Progress progress,
            Function<T, io.tidemark.proto.v1.Progress> progressOf,
            Consumer<T> seen) {
        T last = null;
        String stage = "";
        try {
            while (messages.hasNext()) {
                T message = messages.next();
                io.tidemark.proto.v1.Progress now = progressOf.apply(message);
                if (!now.getStage().isEmpty()) {
                    if (!now.getStage().equals(stage)) {
                        stage = now.getStage();
                        progress.tell(stage);
                    }
                    if (now.getTotal() > 0 || now.getDone() > 0) {
                        progress.say(stage, now.getDone(), now.getTotal(), now.getUnit());
                    }
                }
                seen.accept(message);
                last = message;
            }
            return last;
        } finally {
            progress.end();
        }
    }
}
