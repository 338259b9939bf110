// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed;

import io.grpc.StatusRuntimeException;
import io.tidemark.proto.v1.FeedHello;
import io.tidemark.proto.v1.SubscriberHeartbeat;
import java.util.function.Consumer;

/** Is told whom this server feeds. For any thread; each call is quick. */
@FunctionalInterface
public interface Subscribers {

    /** Nobody wants to know. */
    Subscribers NONE = (hello, refuse) -> Subscriber.NONE;

    /** One stream of one subscriber. */
    interface Subscriber {

        Subscriber NONE = new Subscriber() {
            @Override
            public void heard() {}

            @Override
            public void heard(SubscriberHeartbeat report) {}

            @Override
            public void gone() {}
        };

        /** It sent anything at all. */
        void heard();

        /** It reported something. */
        void heard(SubscriberHeartbeat report);

        /** Its stream has ended. Once, and nothing after it. */
        void gone();
    }

    /**
     * A stream begins. It takes the place of an earlier one of the same subscriber.
     *
     * @param refuse ends it with an error, at any later time; from any thread
     * @throws StatusRuntimeException if it is not to be fed at all
     */
    Subscriber hello(FeedHello hello, Consumer<StatusRuntimeException> refuse);
}
