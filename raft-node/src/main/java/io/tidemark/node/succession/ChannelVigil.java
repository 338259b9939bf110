// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.succession;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.tidemark.node.consensus.Member;
import io.tidemark.server.forward.Channels;
import org.jspecify.annotations.Nullable;

/** Over the channel to the leader's internal port, which this node has in any case. For any thread. */
public final class ChannelVigil implements Vigil {

    private final Channels channels;
    private volatile @Nullable Watched watched;

    /** One term of office, told from another of the same node. */
    private static final class Watched {
        private final Runnable lost;

        Watched(Runnable lost) {
            this.lost = lost;
        }
    }

    public ChannelVigil(Channels channels) {
        this.channels = channels;
    }

    @Override
    public void keep(Member leader, Runnable lost) {
        Watched now = new Watched(lost);
        watched = now;
        try {
            look(channels.to(leader.internalAddress()), now);
        } catch (StatusRuntimeException stopping) {
            watched = null;
        }
    }

    private void look(ManagedChannel channel, Watched of) {
        ConnectivityState before = channel.getState(true);
        if (before == ConnectivityState.SHUTDOWN) {
            return;
        }
        channel.notifyWhenStateChanged(before, () -> {
            if (watched != of) {
                return;
            }
            ConnectivityState after = channel.getState(false);
            if (after == ConnectivityState.IDLE || after == ConnectivityState.TRANSIENT_FAILURE) {
                of.lost.run();
            }
            look(channel, of);
        });
    }

    @Override
    public void end() {
        watched = null;
    }
}
