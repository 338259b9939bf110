// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Int64Value;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.tidemark.verify.simulation.Links.Port;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConnectionTest {

    private final World world = new World(1);
    private final Links links = new Links(world, 20);
    private final Machine client = new Machine(world, "client");
    private final Machine server = new Machine(world, "server");
    private final List<Long> received = new ArrayList<>();
    private @Nullable StatusRuntimeException error;
    private boolean ended;

    /** Sends what it is sent. */
    private record Echo(Machine.Lane network) implements Connection.Callee {}

    private Connection<Int64Value, Int64Value> connect() {
        client.boot();
        server.boot();
        Echo echo = new Echo(server.lane("network"));
        Connection<Int64Value, Int64Value> connection = Connection.<Echo, Int64Value, Int64Value>open(
                links,
                client.lane("caller"),
                server,
                () -> echo,
                Port.INTERNAL,
                (process, call) -> new StreamObserver<>() {
                    @Override
                    public void onNext(Int64Value message) {
                        call.onNext(message);
                    }

                    @Override
                    public void onError(Throwable failure) {
                        // The caller is gone.
                    }

                    @Override
                    public void onCompleted() {
                        call.onCompleted();
                    }
                },
                new Connection.Caller<>() {
                    @Override
                    public void received(Int64Value message) {
                        received.add(message.getValue());
                    }

                    @Override
                    public void ended(@Nullable StatusRuntimeException why) {
                        ended = true;
                        error = why;
                    }
                });
        connection.request(Long.MAX_VALUE);
        return connection;
    }

    @Test
    void shouldKeepTheOrderWhateverHappens() {
        Connection<Int64Value, Int64Value> connection = connect();
        Random chance = new Random(1);
        for (long i = 0; i < 400; i++) {
            connection.send(Int64Value.of(i));
            world.run(Duration.ofMillis(chance.nextInt(5)));
            Machine machine = chance.nextBoolean() ? client : server;
            switch (chance.nextInt(8)) {
                case 0 -> machine.pause();
                case 1, 2 -> machine.resume();
                default -> {
                    // Time goes on.
                }
            }
        }
        client.resume();
        server.resume();
        connection.finish();
        world.run(Duration.ofMinutes(5));

        assertThat(received).hasSize(400).isSorted();
        assertThat(ended).isTrue();
        assertThat(error).isNull();
    }

    @Test
    void shouldHoldWhatIsSentWhileItIsCutOrBreak() {
        Connection<Int64Value, Int64Value> connection = connect();
        connection.send(Int64Value.of(1));
        world.run(Duration.ofSeconds(5));
        links.cut("server", "client", Port.INTERNAL);
        connection.send(Int64Value.of(2));
        connection.send(Int64Value.of(3));
        world.run(Duration.ofSeconds(10));
        assertThat(received).containsExactly(1L);

        links.mend("server", "client", Port.INTERNAL);
        world.run(Duration.ofSeconds(5));

        if (ended) {
            assertThat(received).containsExactly(1L);
            assertThat(error).isNotNull();
        } else {
            assertThat(received).containsExactly(1L, 2L, 3L);
        }
    }

    @Test
    void shouldTellThatTheOtherSideDied() {
        Connection<Int64Value, Int64Value> unused = connect();
        world.run(Duration.ofSeconds(5));

        server.kill();
        links.died(server);
        world.run(Duration.ofSeconds(5));

        assertThat(ended).isTrue();
        assertThat(error).isNotNull();
    }

    @Test
    void shouldGiveUpWhatIsCutForTooLong() {
        Connection<Int64Value, Int64Value> connection = connect();
        world.run(Duration.ofSeconds(5));
        links.cut("client", "server", Port.INTERNAL);
        connection.send(Int64Value.of(1));
        world.run(Duration.ofMinutes(1));

        assertThat(ended).isTrue();
        assertThat(received).isEmpty();
    }
}
