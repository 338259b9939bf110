// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.stream;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.client.ClosedException;
import io.tidemark.client.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PublicationTest {

    private final List<Buffer<List<Integer>>> buffers = new ArrayList<>();
    private final List<Integer> ended = new ArrayList<>();
    private final Publication<Integer> publication = new Publication<>(this::open, Runnable::run);
    private final Subscriber subscriber = new Subscriber();

    @Test
    void shouldGiveNoMoreThanIsAskedFor() {
        publication.subscribe(subscriber);
        buffers.get(0).put(List.of(1, 2, 3, 4), 10);
        assertThat(subscriber.received).isEmpty();

        subscriber.subscription().request(2);
        assertThat(subscriber.received).containsExactly(1, 2);
        subscriber.subscription().request(1);
        assertThat(subscriber.received).containsExactly(1, 2, 3);
    }

    @Test
    void shouldCompleteWithoutBeingAskedButNotBeforeAllWasGiven() {
        publication.subscribe(subscriber);
        buffers.get(0).put(List.of(1), 10);
        buffers.get(0).end(null);
        assertThat(subscriber.completed).isZero();

        subscriber.subscription().request(1);
        assertThat(subscriber.received).containsExactly(1);
        assertThat(subscriber.completed).isEqualTo(1);

        Subscriber other = new Subscriber();
        publication.subscribe(other);
        buffers.get(1).end(null);
        assertThat(other.completed).isEqualTo(1);
    }

    @Test
    void shouldFailWithoutBeingAskedButNotBeforeAllWasGiven() {
        ClosedException failure = new ClosedException(new Failure("closed", "CLIENT_CLOSED"), null);
        publication.subscribe(subscriber);
        buffers.get(0).put(List.of(1), 10);
        buffers.get(0).end(failure);
        assertThat(subscriber.failures).isEmpty();

        subscriber.subscription().request(1);

        assertThat(subscriber.received).containsExactly(1);
        assertThat(subscriber.failures).containsExactly(failure);
        assertThat(subscriber.completed).isZero();
    }

    @Test
    void shouldEndTheStreamOfWhoeverCancels() {
        publication.subscribe(subscriber);
        subscriber.subscription().request(Long.MAX_VALUE);
        subscriber.subscription().request(Long.MAX_VALUE);
        buffers.get(0).put(List.of(1), 10);

        subscriber.subscription().cancel();
        buffers.get(0).put(List.of(2), 10);

        assertThat(subscriber.received).containsExactly(1);
        assertThat(ended).containsExactly(0);
        assertThat(subscriber.completed).isZero();
    }

    @Test
    void shouldGiveNothingToASubscriberThatCancelsAtOnce() {
        Subscriber hasty = new Subscriber() {
            @Override
            public void onSubscribe(Flow.Subscription given) {
                super.onSubscribe(given);
                given.cancel();
            }
        };

        publication.subscribe(hasty);

        assertThat(ended).containsExactly(0);
        assertThat(hasty.completed).isZero();
    }

    @Test
    void shouldRefuseARequestForNothing() {
        publication.subscribe(subscriber);
        subscriber.subscription().request(0);

        assertThat(subscriber.failures).singleElement().isInstanceOf(IllegalArgumentException.class);
        assertThat(ended).containsExactly(0);
    }

    @Test
    void shouldEndTheStreamOfASubscriberThatThrows() {
        Subscriber broken = new Subscriber() {
            @Override
            public void onNext(Integer item) {
                throw new IllegalStateException("subscriber");
            }
        };
        publication.subscribe(broken);
        broken.subscription().request(1);
        buffers.get(0).put(List.of(1), 10);

        assertThat(broken.failures).singleElement().isInstanceOf(IllegalStateException.class);
        assertThat(ended).containsExactly(0);
    }

    @Test
    void shouldFailWhereNoStreamCanBeBegun() {
        Publication<Integer> none = new Publication<>(
                () -> {
                    throw new ClosedException(new Failure("closed", "CLIENT_CLOSED"), null);
                },
                Runnable::run);

        none.subscribe(subscriber);

        assertThat(subscriber.failures).singleElement().isInstanceOf(ClosedException.class);
    }

    @Test
    @SuppressWarnings("NullAway") // that is what it refuses
    void shouldRefuseNoSubscriber() {
        assertThatThrownBy(() -> publication.subscribe(null)).isInstanceOf(NullPointerException.class);
    }

    private Intake<?, Integer> open() {
        int number = buffers.size();
        Buffer<List<Integer>> buffer = new Buffer<>(100);
        buffers.add(buffer);
        return new Intake<>(buffer, List::iterator, () -> ended.add(number));
    }

    private static class Subscriber implements Flow.Subscriber<Integer> {

        final List<Integer> received = new ArrayList<>();
        final List<Throwable> failures = new ArrayList<>();
        int completed;
        private Flow.@Nullable Subscription subscription;

        Flow.Subscription subscription() {
            return requireNonNull(subscription);
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
        }

        @Override
        public void onNext(Integer item) {
            received.add(item);
        }

        @Override
        public void onError(Throwable failure) {
            failures.add(failure);
        }

        @Override
        public void onComplete() {
            completed++;
        }
    }
}
