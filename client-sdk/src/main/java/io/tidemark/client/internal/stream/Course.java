// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.stream;

import io.grpc.MethodDescriptor;
import io.tidemark.client.TidemarkException;
import io.tidemark.client.internal.dispatch.Target;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What one stream is about: what to ask next, what its messages mean, how far they have come. All of it is called in the turns of
 * its {@link ResumingStream}, one call at a time, and owns its state so.
 */
public interface Course<Q, A> {

    MethodDescriptor<Q, A> method();

    /** The name that metrics, traces and exceptions call it by. */
    String name();

    /** Who should be asked now. */
    Target target();

    /** What to ask now: everything behind what was received. */
    Q request();

    /** Whether there is room for more messages. Any thread may make room, and then says so. */
    boolean hasRoom();

    /**
     * A message.
     *
     * @param first whether it is the first of its attempt
     * @param address who was asked
     * @param sentNanos when the attempt was sent
     * @throws OffCourseException if it is not what the contract says: the attempt is given up, and nothing of it counts
     * @throws TidemarkException if there is no going on
     */
    void received(A message, boolean first, String address, long sentNanos) throws OffCourseException;

    /** The server has nothing more to say. */
    Verdict ended();

    /** The attempt broke off, or was given up. What was received of it in part is void. */
    Verdict failed(TidemarkException failure);

    /** How long a server may be silent before the next one is tried. Counts only while a message is asked for. */
    Duration silenceMax(boolean opened);

    /**
     * For how long there may be no message, whoever is asked, before the stream as a whole is given up; null: for ever. Counts only
     * while a message is asked for.
     */
    @Nullable Duration patience();

    /**
     * It is over. Called once, and nothing after it.
     *
     * @param failure null: all is said, or nobody wants more
     */
    void over(@Nullable TidemarkException failure);
}
