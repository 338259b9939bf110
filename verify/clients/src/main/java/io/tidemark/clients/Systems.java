// SPDX-License-Identifier: Apache-2.0
package io.tidemark.clients;

import io.tidemark.bench.BlockingConnection;
import io.tidemark.bench.Connection;
import io.tidemark.bench.Consistency;
import io.tidemark.bench.Endpoint;
import io.tidemark.bench.EtcdConnection;
import io.tidemark.bench.Kind;
import io.tidemark.bench.SdkConnection;
import io.tidemark.bench.StubConnection;
import io.tidemark.bench.TidemarkConnection;
import io.tidemark.verify.peers.Peer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The two systems that run, and how each contender connects: gets go to one server that does not lead, puts to the one that does. The
 * SDK is told of the nodes only, and finds the replica itself.
 *
 * @param replica Tidemark's one replica
 * @param replicaPid its process
 */
record Systems(Peer etcd, Peer tidemark, Endpoint replica, long replicaPid) {

    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration MAX_STALENESS = Duration.ofSeconds(5);

    /** The processes of the system's servers, whose CPU time is measured. */
    List<Long> pids(Contender contender) {
        if (contender.isEtcd()) {
            return etcd.pids();
        }
        List<Long> pids = new ArrayList<>(tidemark.pids());
        pids.add(replicaPid);
        return pids;
    }

    Connection connect(Contender contender, Kind kind) throws InterruptedException {
        return switch (contender) {
            case SDK -> sdk(true, false);
            case SDK_DIRECT -> sdk(true, true);
            case SDK_UNBATCHED -> sdk(false, false);
            case RAW -> TidemarkConnection.open(kind == Kind.GET ? replica : tidemark.leader(), options());
            case JETCD -> JetcdConnection.open(etcdServer(kind));
            case RAW_ETCD -> EtcdConnection.open(etcdServer(kind), Consistency.EVENTUAL, CALL_TIMEOUT);
            case STUB -> throw new IllegalArgumentException("the stub has no calls that do not wait");
        };
    }

    BlockingConnection connectBlocking(Contender contender) {
        return switch (contender) {
            case SDK -> sdk(true, false).blocking();
            case STUB -> StubConnection.open(replica, options());
            case SDK_DIRECT, SDK_UNBATCHED, RAW, JETCD, RAW_ETCD ->
                throw new IllegalArgumentException(contender.title() + " is not called by those who wait");
        };
    }

    private SdkConnection sdk(boolean batching, boolean direct) {
        return SdkConnection.open(
                tidemark.endpoints(),
                new SdkConnection.Options(
                        Peer.TABLE, Consistency.SESSION, MAX_STALENESS, batching, direct, CALL_TIMEOUT));
    }

    private static TidemarkConnection.Options options() {
        return new TidemarkConnection.Options(Peer.TABLE, Consistency.BOUNDED, MAX_STALENESS, true, CALL_TIMEOUT);
    }

    private Endpoint etcdServer(Kind kind) throws InterruptedException {
        Endpoint leader = etcd.leader();
        return kind == Kind.PUT
                ? leader
                : etcd.endpoints().stream()
                        .filter(endpoint -> !endpoint.equals(leader))
                        .findFirst()
                        .orElse(leader);
    }
}
