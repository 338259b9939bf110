// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.grpc.StatusRuntimeException;
import io.tidemark.node.registry.SubscriberListener;
import io.tidemark.proto.v1.FeedHello;
import io.tidemark.proto.v1.SubscriberHeartbeat;
import io.tidemark.server.feed.Subscribers;
import java.util.function.Consumer;

/** Whom the feeds of this node serve, as the registry wants to hear of it. */
public record FedReplicas(io.tidemark.node.registry.Subscribers registry) implements Subscribers {

    @Override
    public Subscriber hello(FeedHello hello, Consumer<StatusRuntimeException> refuse) {
        var stream = registry.register(hello, new SubscriberListener() {
            @Override
            public void registered() {}

            @Override
            public void refused(StatusRuntimeException error) {
                refuse.accept(error);
            }
        });
        return new Subscriber() {
            @Override
            public void heard() {
                stream.heard();
            }

            @Override
            public void heard(SubscriberHeartbeat report) {
                stream.heard(report);
            }

            @Override
            public void gone() {
                stream.gone();
            }
        };
    }
}
