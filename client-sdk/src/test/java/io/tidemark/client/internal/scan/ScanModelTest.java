// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.client.Codec;
import io.tidemark.client.Failure;
import io.tidemark.client.OverloadedException;
import io.tidemark.client.Row;
import io.tidemark.client.internal.stream.FakeDispatcher;
import io.tidemark.client.internal.stream.FakeDispatcher.FakeStream;
import io.tidemark.client.internal.stream.Intake;
import io.tidemark.client.internal.stream.Intakes;
import io.tidemark.client.internal.stream.StreamServices;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.StreamScanRequest;
import io.tidemark.proto.v1.StreamScanResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A scan by servers that are lost in random places, behind any message, and stand at different indexes until the first one has answered:
 * every row comes once, in order, as of one index, and no more is held than was allowed.
 */
class ScanModelTest {

    private static final String HISTORY = "8h2kq0m5x7c1r9vz";
    private static final int BUFFER_BYTES = 500;
    private static final int MESSAGE_ROWS = 6;

    static LongStream seeds() {
        return LongStream.rangeClosed(1, Long.getLong("tidemark.histories", 300));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldGiveEachRowOnceWhereverServersAreLost(long seed) {
        new Model(new Random(seed)).run();
    }

    private static final class Model {

        private final Random random;
        private final int rows;
        private final FakeDispatcher dispatcher = new FakeDispatcher();
        private final StreamServices services = dispatcher.services();
        private final RowStream stream;
        private final Intake<?, Row<String>> intake;
        private final List<Row<String>> taken = new ArrayList<>();
        private @Nullable Server server;
        private long index = -1;

        Model(Random random) {
            this.random = random;
            this.rows = random.nextInt(200);
            this.stream = RowStream.begin(
                    ScanSpec.all("users"),
                    Scans.EVENTUAL,
                    Duration.ofSeconds(60),
                    BUFFER_BYTES,
                    Scans::header,
                    services);
            this.intake = stream.intake(Codec.string());
        }

        void run() {
            for (int i = 0; i < 20_000 && !Intakes.isOver(intake); i++) {
                step();
            }
            assertThat(Intakes.isOver(intake)).as("all was read").isTrue();
            assertThat(taken)
                    .extracting(Row::key)
                    .containsExactlyElementsOf(
                            IntStream.range(0, rows).mapToObj(Scans::key).toList());
            assertThat(taken).allMatch(row -> "v".repeat(10).equals(row.value()));
            assertThat(stream.header().join().index()).isEqualTo(index);
            assertThat(dispatcher.open()).isZero();
            assertThat(services.open().count()).isZero();
            assertThat(dispatcher.time.pending()).isZero();
        }

        private void step() {
            switch (random.nextInt(10)) {
                case 0, 1, 2, 3 -> serve();
                case 4, 5, 6 -> {
                    Row<String> row = Intakes.poll(intake);
                    if (row != null) {
                        taken.add(row);
                    }
                }
                case 7, 8 -> dispatcher.time.advance(Duration.ofMillis(random.nextInt(300)));
                default -> {
                    if (random.nextInt(3) == 0) {
                        lose();
                    }
                }
            }
        }

        private @Nullable Server server() {
            FakeStream<StreamScanRequest, StreamScanResponse> last = dispatcher.last();
            if (!last.isOpen()) {
                return null;
            }
            if (server == null || server.stream != last) {
                server = new Server(last);
            }
            return server;
        }

        private void serve() {
            Server serving = server();
            if (serving != null && serving.stream.isReady()) {
                serving.tell();
            }
        }

        private void lose() {
            Server losing = server();
            if (losing == null) {
                return;
            }
            switch (random.nextInt(4)) {
                case 0 ->
                    losing.stream.fail(
                            new OverloadedException(new Failure("full", "OVERLOADED"), null, Duration.ofMillis(20)));
                case 1 -> {
                    if (losing.stream.isReady() && index >= 0) {
                        losing.stream.send(StreamScanResponse.newBuilder()
                                .setHeader(header(index + 1))
                                .addRows(Scans.row(losing.next))
                                .build());
                    }
                }
                default -> losing.stream.lose();
            }
        }

        private final class Server {

            private final FakeStream<StreamScanRequest, StreamScanResponse> stream;
            private final long at;
            private int next;
            private boolean opened;

            Server(FakeStream<StreamScanRequest, StreamScanResponse> stream) {
                this.stream = stream;
                String token = stream.request.getResumeToken();
                if (token.isEmpty()) {
                    at = 100L + random.nextInt(50);
                } else {
                    assertThat(stream.request.getReadOptions().getHistoryId()).isEqualTo(HISTORY);
                    at = Long.parseLong(token.split("@", -1)[1]);
                    next = Integer.parseInt(token.split("@", -1)[0]);
                }
            }

            void tell() {
                int until = Math.min(rows, next + random.nextInt(MESSAGE_ROWS + 1));
                StreamScanResponse.Builder message = StreamScanResponse.newBuilder();
                if (!opened) {
                    opened = true;
                    message.setHeader(header(at));
                    index = index < 0 ? at : index;
                    assertThat(at).isEqualTo(index);
                }
                for (; next < until; next++) {
                    message.addRows(Scans.row(next));
                }
                boolean last = next == rows;
                stream.send(message.setResumeToken(next + "@" + at).build());
                if (last && stream.isOpen()) {
                    stream.end();
                }
            }
        }

        private static ResponseHeader header(long at) {
            return ResponseHeader.newBuilder()
                    .setHistoryId(HISTORY)
                    .setReadIndex(at)
                    .setServedBy("n1")
                    .build();
        }
    }
}
