// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.tidemark.client.internal.channel.NettyChannels.KeepAlive;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a dispatcher works. {@link #of} has the defaults.
 *
 * @param servers whom to begin with: {@code host:port}, separated by commas. Behind a name may stand any number of servers
 * @param zone ours: servers of the same zone are asked first; null: all are alike
 * @param keepAlive how a server that is gone without a word is noticed
 * @param ioThreads how many threads serve all connections
 * @param readAttemptLimit how long a read waits for the first server before it asks another, at most half of what is left of its
 *     deadline; for each further one twice as long, and from the third on for all that is left rather than half. A server that is
 *     frozen costs a read no more than this; where nobody else is left to ask, or too many ask again, it is waited for
 * @param writeAttemptLimit the same for writes and whatever else goes to the leader
 * @param pauses between attempts
 * @param budget how often calls may be sent again
 * @param hedging null: no read is sent to a second server while the first may still answer
 * @param batching whether calls that may travel together do
 * @param limit how much may be under way
 */
public record DispatchOptions(
        String servers,
        @Nullable String zone,
        KeepAlive keepAlive,
        int ioThreads,
        Duration readAttemptLimit,
        Duration writeAttemptLimit,
        Pauses pauses,
        Budget budget,
        @Nullable Hedging hedging,
        boolean batching,
        Limit limit) {

    /** The defaults. */
    public static DispatchOptions of(String servers) {
        return new DispatchOptions(
                servers,
                null,
                new KeepAlive(Duration.ofSeconds(12), Duration.ofSeconds(4)),
                Math.min(2, Runtime.getRuntime().availableProcessors()),
                Duration.ofMillis(500),
                Duration.ofSeconds(1),
                new Pauses(Duration.ofMillis(10), Duration.ofSeconds(1)),
                new Budget(0.2, 500, 50),
                null,
                true,
                new Limit(100_000, 64L << 20, WhenFull.BLOCK));
    }

    /**
     * Between attempts: each about twice as long as the one before, and anything between half and all of that.
     *
     * @param first before the second attempt that needs a pause
     * @param longest none is longer, but where a server asks for more
     */
    public record Pauses(Duration first, Duration longest) {}

    /**
     * How often calls may be sent again, so that retries do not multiply an outage. Each retry that costs a server work takes one
     * from the budget; without any left, a call waits until there is or its deadline ends it.
     *
     * @param share how much each call that is answered adds
     * @param reserve the most that is kept, and what there is to begin with
     * @param perSecond how much is added every second in any case, so that an idle client can still retry
     */
    public record Budget(double share, int reserve, double perSecond) {}

    /**
     * A read that is not answered as quickly as 95 of 100 are is sent to a second server too, and the first answer counts.
     *
     * @param shareMax how large a part of all reads may be sent twice, 0 to 1
     * @param delayMin a read is never hedged sooner
     */
    public record Hedging(double shareMax, Duration delayMin) {}

    /**
     * How much may be under way before further calls wait or fail.
     *
     * @param calls how many
     * @param bytes of requests
     * @param whenFull what happens to the next
     */
    public record Limit(int calls, long bytes, WhenFull whenFull) {}

    /** What happens to a call while as much is under way as may be. */
    public enum WhenFull {
        /** Its thread waits until there is room, or its deadline comes. */
        BLOCK,
        /** It fails at once. */
        FAIL
    }
}
