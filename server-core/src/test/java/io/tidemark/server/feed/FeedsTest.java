// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed;

import static io.tidemark.server.watch.WatchedStore.put;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.FeedGoodbyeReason;
import io.tidemark.proto.v1.FeedHello;
import io.tidemark.proto.v1.FeedRequest;
import io.tidemark.proto.v1.FeedResponse;
import io.tidemark.proto.v1.SubscriberHeartbeat;
import io.tidemark.proto.v1.Topology;
import io.tidemark.server.call.FakeServerCall;
import io.tidemark.server.feed.core.FeedCounts.End;
import io.tidemark.server.feed.core.FeedMode;
import io.tidemark.server.feed.core.FeedOptions;
import io.tidemark.server.feed.core.ReadIndex;
import io.tidemark.server.time.ManualTime;
import io.tidemark.server.watch.WatchedStore;
import io.tidemark.store.Shards;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** All feeds of a server together, without a network. */
class FeedsTest {

    private static final int SHARDS = 16;

    private final ManualTime time = new ManualTime();
    private final WatchedStore rig = new WatchedStore(WatchedStore.HISTORY, 1 << 20, SHARDS);
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final Told told = new Told();
    private final Feeds feeds = new Feeds(
            "n1",
            () -> "c1",
            rig::store,
            () -> CompletableFuture.completedFuture(new ReadIndex(rig.store().appliedIndex(), 7)),
            Topology::getDefaultInstance,
            told,
            new FeedOptions(
                    2,
                    1_000,
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(3),
                    4,
                    3,
                    Duration.ofMillis(50)),
            time,
            time,
            tasks::add,
            tasks::add);

    @AfterEach
    void close() {
        rig.close();
    }

    /** Who hears of subscribers. */
    private static final class Told implements Subscribers {
        final List<String> events = new ArrayList<>();

        Consumer<StatusRuntimeException> refuse = error -> {};

        @Override
        public Subscriber hello(FeedHello hello, Consumer<StatusRuntimeException> refusal) {
            String id = hello.getSubscriberId() + "/" + hello.getIncarnationId();
            events.add("hello " + id);
            refuse = refusal;
            return new Subscriber() {
                @Override
                public void heard() {}

                @Override
                public void heard(SubscriberHeartbeat report) {
                    events.add("heard " + id);
                }

                @Override
                public void gone() {
                    events.add("gone " + id);
                }
            };
        }
    }

    private void run() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private final class Call extends FakeServerCall<FeedResponse> {
        final StreamObserver<FeedRequest> up;

        Call() {
            up = feeds.feed(this);
        }

        Call hello(String subscriber, String incarnation) {
            return hello(subscriber, incarnation, "d1");
        }

        Call hello(String subscriber, String incarnation, String disk) {
            send(FeedRequest.newBuilder()
                    .setHello(FeedHello.newBuilder()
                            .setSubscriberId(subscriber)
                            .setIncarnationId(incarnation)
                            .setDiskId(disk)
                            .setClusterId("c1")
                            .setHistoryId(WatchedStore.HISTORY.text())
                            .setAppliedIndex(rig.store().appliedIndex())
                            .setHeldShards(Shards.all(SHARDS).toProto())
                            .addFeedVersions(1)
                            .setInitialCreditBytes(1 << 20)));
            run();
            return this;
        }

        void send(FeedRequest.Builder request) {
            sent();
            up.onNext(request.build());
        }
    }

    @Test
    void shouldWakeThoseWhoAreFedWithEachWrite() {
        Call one = new Call().hello("r1", "a");
        Call other = new Call().hello("r2", "a");
        assertThat(tasks).isEmpty();

        rig.commit(put("t", "k", "v"));
        assertThat(tasks).as("one task, whoever is fed").hasSize(1);
        run();

        assertThat(one.last().getThrough().getThroughIndex()).isEqualTo(1);
        assertThat(other.last().getThrough().getThroughIndex()).isEqualTo(1);
        assertThat(feeds.count(FeedMode.NEAR)).isEqualTo(2);
        assertThat(feeds.lagMax(5)).isEqualTo(4);
    }

    @Test
    void shouldTakeRequestsNoFasterThanTheyAreWorkedOff() {
        Call call = new Call();
        assertThat(call.isAutoRequest()).isFalse();
        int window = call.requested();
        call.hello("r1", "a");
        assertThat(call.requested()).isEqualTo(window);

        for (int i = 0; i < window; i++) {
            call.send(FeedRequest.newBuilder().setHeartbeat(SubscriberHeartbeat.getDefaultInstance()));
        }

        assertThat(call.requested()).as("nobody has looked at them yet").isZero();
        run();
        assertThat(call.requested()).isEqualTo(window);
    }

    @Test
    void shouldEndTheOlderStreamOfASubscriber() {
        Call older = new Call().hello("r1", "a");
        Call newer = new Call().hello("r1", "b");

        assertThat(older.last().getGoodbye().getReason()).isEqualTo(FeedGoodbyeReason.FEED_GOODBYE_REASON_SUPERSEDED);
        assertThat(older.isCompleted()).isTrue();
        assertThat(newer.messages.get(0).hasWelcome()).isTrue();
        assertThat(newer.isCompleted()).isFalse();
        assertThat(told.events).containsExactly("hello r1/a", "hello r1/b", "gone r1/a");
    }

    @Test
    void shouldNotEndTheStreamOfAReplicaForAnotherOfItsName() {
        Call first = new Call().hello("r1", "a", "d1");

        Call other = new Call().hello("r1", "b", "d2");
        assertThat(other.reason()).isEqualTo(ErrorReason.ERROR_REASON_MEMBER_EXISTS);
        assertThat(other.messages).isEmpty();
        assertThat(first.isCompleted()).isFalse();
        assertThat(told.events).containsExactly("hello r1/a");

        first.up.onCompleted();
        run();
        assertThat(new Call().hello("r1", "c", "d2").messages.get(0).hasWelcome())
                .isTrue();
    }

    @Test
    void shouldFeedNoMoreThanItMay() {
        new Call().hello("r1", "a");
        Call second = new Call().hello("r2", "a");

        Call third = new Call().hello("r3", "a");
        assertThat(third.reason()).isEqualTo(ErrorReason.ERROR_REASON_OVERLOADED);
        assertThat(third.messages).isEmpty();

        second.up.onCompleted();
        run();
        assertThat(new Call().hello("r3", "b").messages.get(0).hasWelcome()).isTrue();
        assertThat(feeds.counts().ended(End.LEFT)).isEqualTo(1);
    }

    @Test
    void shouldTellWhomItFeedsAndEndWhoIsRefused() {
        Call call = new Call().hello("r1", "a");
        call.send(FeedRequest.newBuilder().setHeartbeat(SubscriberHeartbeat.getDefaultInstance()));
        run();
        told.refuse.accept(ErrorStatus.of(ErrorReason.ERROR_REASON_MEMBER_EXISTS, "another one")
                .toException());
        run();

        assertThat(call.reason()).isEqualTo(ErrorReason.ERROR_REASON_MEMBER_EXISTS);
        assertThat(told.events).containsExactly("hello r1/a", "heard r1/a", "gone r1/a");
    }

    @Test
    void shouldSayGoodbyeWhenItsStoreIsReplacedAndWhenItStops() {
        Call replaced = new Call().hello("r1", "a");
        feeds.storeReplaced();
        run();
        assertThat(replaced.last().getGoodbye().getReason())
                .isEqualTo(FeedGoodbyeReason.FEED_GOODBYE_REASON_STORE_REPLACED);

        Call stopped = new Call().hello("r1", "a");
        feeds.stop();
        run();
        assertThat(stopped.last().getGoodbye().getReason()).isEqualTo(FeedGoodbyeReason.FEED_GOODBYE_REASON_STOPPING);

        Call late = new Call();
        run();
        assertThat(late.reason()).isEqualTo(ErrorReason.ERROR_REASON_STOPPING);
        assertThat(time.pendingCalls()).isZero();
    }
}
