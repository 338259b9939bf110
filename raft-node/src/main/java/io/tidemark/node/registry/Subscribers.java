// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.registry;

import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.tidemark.api.ProtoTimes;
import io.tidemark.node.cluster.ClusterFacts;
import io.tidemark.proto.v1.FeedHello;
import io.tidemark.proto.v1.ReplicaState;
import io.tidemark.proto.v1.ReportSubscribersRequest;
import io.tidemark.proto.v1.ReportSubscribersResponse;
import io.tidemark.proto.v1.SubscriberHeartbeat;
import io.tidemark.proto.v1.SubscriberRefusal;
import io.tidemark.proto.v1.SubscriberReport;
import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.TopologyVersion;
import io.tidemark.server.time.Moment;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whom this node feeds. Reports them to the leader at intervals, and at once when one is new; one report is under way at a time. A node
 * that feeds nobody says so once.
 *
 * <p>Guarded by its monitor; whoever is told something is told outside of it.
 */
public final class Subscribers {

    private final String nodeId;
    private final Supplier<Optional<ClusterFacts>> facts;
    private final Supplier<TopologyVersion> knownVersion;
    private final Reports reports;
    private final Consumer<Topology> topologies;
    private final RegistryOptions options;
    private final Ticker ticker;
    private final Timers timers;

    /** By their ids: the newest stream counts. */
    private final Map<String, Subscriber> fed = new LinkedHashMap<>();

    private Timers.@Nullable Pending next;
    private boolean reporting;
    private boolean again;
    private boolean saidNobody = true;

    /**
     * Nobody is fed yet.
     *
     * @param facts empty while the node has no store
     * @param knownVersion of the topology that this node has
     * @param topologies given newer ones that come back
     */
    public Subscribers(
            String nodeId,
            Supplier<Optional<ClusterFacts>> facts,
            Supplier<TopologyVersion> knownVersion,
            Reports reports,
            Consumer<Topology> topologies,
            RegistryOptions options,
            Ticker ticker,
            Timers timers) {
        this.nodeId = nodeId;
        this.facts = facts;
        this.knownVersion = knownVersion;
        this.reports = reports;
        this.topologies = topologies;
        this.options = options;
        this.ticker = ticker;
        this.timers = timers;
    }

    /** One stream of one subscriber. For any thread. */
    public final class Subscriber {

        private final FeedHello hello;
        private final SubscriberListener listener;
        private @Nullable SubscriberHeartbeat heartbeat;
        private Moment heard;
        private boolean registered;
        /** It serves nothing any more, which the leader should know at once, and was not told yet. */
        private boolean withdraws;

        private boolean withdrawalTold;
        private boolean gone;

        private Subscriber(FeedHello hello, SubscriberListener listener) {
            this.hello = hello;
            this.listener = listener;
            this.heard = ticker.now();
        }

        /** It reported something. */
        public void heard(SubscriberHeartbeat report) {
            boolean isNew;
            synchronized (Subscribers.this) {
                boolean withdrawn = isWithdrawn(report);
                isNew = withdrawn && !isWithdrawn(heartbeat);
                withdraws = withdrawn && (withdraws || isNew);
                heartbeat = report;
                heard = ticker.now();
            }
            if (isNew) {
                Subscribers.this.report();
            }
        }

        private static boolean isWithdrawn(@Nullable SubscriberHeartbeat report) {
            return report != null && report.getState() == ReplicaState.REPLICA_STATE_DRAINED;
        }

        /** It sent anything at all. */
        public void heard() {
            synchronized (Subscribers.this) {
                heard = ticker.now();
            }
        }

        /** Its stream has ended. */
        public void gone() {
            synchronized (Subscribers.this) {
                gone = true;
                if (!withdraws) {
                    fed.remove(hello.getSubscriberId(), this);
                }
            }
        }

        /** The leader has what was reported. */
        private void told() {
            withdraws = withdraws && !withdrawalTold;
            if (gone && !withdraws) {
                fed.remove(hello.getSubscriberId(), this);
            }
        }

        private SubscriberReport report(Moment now) {
            SubscriberReport.Builder report = SubscriberReport.newBuilder()
                    .setHello(hello)
                    .setLastHeard(ProtoTimes.duration(heard.elapsedTo(now)));
            if (heartbeat != null) {
                report.setHeartbeat(heartbeat);
            }
            return report.build();
        }
    }

    /** A stream begins. It takes the place of an earlier one of the same subscriber. */
    public Subscriber register(FeedHello hello, SubscriberListener listener) {
        Subscriber subscriber = new Subscriber(hello, listener);
        synchronized (this) {
            fed.put(hello.getSubscriberId(), subscriber);
            saidNobody = false;
        }
        report();
        return subscriber;
    }

    /** How many are fed. */
    public synchronized int count() {
        return fed.size();
    }

    /** Another node leads, and knows nothing yet. */
    public void leadershipChanged() {
        report();
    }

    private void report() {
        List<Subscriber> reported;
        ReportSubscribersRequest request;
        synchronized (this) {
            if (reporting) {
                again = true;
                return;
            }
            if (next != null) {
                next.cancel();
                next = null;
            }
            if (fed.isEmpty() && saidNobody) {
                return;
            }
            Optional<ClusterFacts> known = facts.get();
            if (known.isEmpty()) {
                next = timers.after(options.interval(), this::report);
                return;
            }
            saidNobody = fed.isEmpty();
            reporting = true;
            reported = new ArrayList<>(fed.values());
            Moment now = ticker.now();
            ReportSubscribersRequest.Builder report = ReportSubscribersRequest.newBuilder()
                    .setClusterId(known.get().clusterId())
                    .setHistoryId(known.get().historyId())
                    .setNodeId(nodeId)
                    .setKnownVersion(knownVersion.get());
            reported.forEach(subscriber -> report.addSubscribers(subscriber.report(now)));
            request = report.build();
            reported.forEach(subscriber -> subscriber.withdrawalTold = subscriber.withdraws);
        }
        var unused = reports.send(request).handle((answer, failure) -> {
            answered(reported, answer);
            return null;
        });
    }

    /** @param answer null: there is none */
    private void answered(List<Subscriber> reported, @Nullable ReportSubscribersResponse answer) {
        List<Runnable> told = new ArrayList<>();
        synchronized (this) {
            reporting = false;
            if (answer != null) {
                reported.forEach(Subscriber::told);
                Map<Subscriber, StatusRuntimeException> refused = refused(reported, answer);
                for (Subscriber subscriber : reported) {
                    StatusRuntimeException error = refused.get(subscriber);
                    if (error == null) {
                        if (!subscriber.registered) {
                            subscriber.registered = true;
                            told.add(subscriber.listener::registered);
                        }
                    } else if (!mayBeTriedAgain(error)) {
                        fed.remove(subscriber.hello.getSubscriberId(), subscriber);
                        told.add(() -> subscriber.listener.refused(error));
                    }
                }
            }
            // Who came meanwhile does not wait, unless nobody answers.
            boolean atOnce = again && answer != null;
            again = false;
            next = timers.after(atOnce ? java.time.Duration.ZERO : options.interval(), this::report);
        }
        if (answer != null && answer.hasTopology()) {
            topologies.accept(answer.getTopology());
        }
        told.forEach(Runnable::run);
    }

    private static Map<Subscriber, StatusRuntimeException> refused(
            List<Subscriber> reported, ReportSubscribersResponse answer) {
        Map<Subscriber, StatusRuntimeException> refused = new LinkedHashMap<>();
        for (SubscriberRefusal refusal : answer.getRefusalsList()) {
            for (Subscriber subscriber : reported) {
                if (subscriber.hello.getSubscriberId().equals(refusal.getSubscriberId())
                        && subscriber.hello.getIncarnationId().equals(refusal.getIncarnationId())) {
                    refused.put(subscriber, StatusProto.toStatusRuntimeException(refusal.getError()));
                }
            }
        }
        return refused;
    }

    /** The leader could not, now. */
    private static boolean mayBeTriedAgain(StatusRuntimeException error) {
        return switch (error.getStatus().getCode()) {
            case UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, INTERNAL, UNKNOWN -> true;
            default -> false;
        };
    }
}
