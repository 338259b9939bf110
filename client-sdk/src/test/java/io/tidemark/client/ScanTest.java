// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.client.snippets.Snippets;
import io.tidemark.proto.v1.Order;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.StreamScanRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ScanTest {

    private static final int ROWS = 10;

    private final StreamServer server = new StreamServer();
    private final TidemarkClient client = server.client();
    private final Table<String> users = client.table("users");

    @BeforeEach
    void write() {
        for (int i = 0; i < ROWS; i++) {
            server.rows.put("k" + i, "v" + i);
        }
    }

    @AfterEach
    void close() {
        client.close();
        assertThat(server.dispatcher.open()).isZero();
        assertThat(server.dispatcher.time.pending()).isZero();
    }

    @Test
    void shouldGivePagesUntilTheLast() {
        assertThat(Snippets.pages(users)).hasSize(ROWS).isSorted();
    }

    @Test
    void shouldGoOnByATokenAlone() {
        Page<String> first = users.scan().pageSize(2).page();
        assertThat(first.rows()).extracting(Row::key).containsExactly("k0", "k1");
        assertThat(first.index()).isEqualTo(StreamServer.INDEX);
        assertThat(client.session().index()).isEqualTo(StreamServer.INDEX);

        try (TidemarkClient elsewhere = server.client()) {
            Page<String> second = elsewhere
                    .table("users")
                    .scan()
                    .pageSize(2)
                    .page(first.nextPageToken().orElseThrow());

            assertThat(second.rows()).extracting(Row::key).containsExactly("k2", "k3");
            assertThat(server.lastPage.hasReadOptions()).isFalse();
        }
    }

    @Test
    void shouldKeepToTheLimitOverAllPages() {
        Scan<String> scan = users.scan().limit(5);
        Page<String> first = scan.page();
        Page<String> second = scan.page(first.nextPageToken().orElseThrow());

        assertThat(first.rows()).hasSize(3);
        assertThat(server.lastPage.getPageSize()).isEqualTo(2);
        assertThat(second.rows()).hasSize(2);
        assertThat(second.nextPageToken()).isEmpty();
    }

    @Test
    void shouldRefuseWhatIsNoToken() {
        for (String token : List.of("", "7", ".7", "x.y", "x.-1")) {
            assertThatThrownBy(() -> users.scan().page(token))
                    .as(token)
                    .isInstanceOfSatisfying(
                            InvalidRequestException.class,
                            e -> assertThat(e.reason()).isEqualTo("BAD_PAGE_TOKEN"));
        }
        assertThat(users.scan().pageAsync("7")).isCompletedExceptionally();
    }

    @Test
    void shouldAskForWhatIsSaid() {
        users.scan()
                .from("a")
                .to("b")
                .descending()
                .withoutValues()
                .with(Consistency.linearizable())
                .page();

        assertThat(server.lastPage.getStart()).isEqualTo("a");
        assertThat(server.lastPage.getEnd()).isEqualTo("b");
        assertThat(server.lastPage.hasPrefix()).isFalse();
        assertThat(server.lastPage.getOrder()).isEqualTo(Order.ORDER_DESCENDING);
        assertThat(server.lastPage.getRowView()).isEqualTo(RowView.ROW_VIEW_METADATA);
        assertThat(server.lastPage.getReadOptions().hasMaxStaleness()).isFalse();
        users.scan().from("a").prefix("k").limit(7).rows().close();
        StreamScanRequest stream = server.dispatcher.<StreamScanRequest, Object>last().request;
        assertThat(stream.hasStart()).isFalse();
        assertThat(stream.getPrefix()).isEqualTo("k");
        assertThat(stream.getLimit()).isEqualTo(7);
        assertThat(stream.getReadOptions().getMaxStaleness().getSeconds()).isEqualTo(5);
    }

    @Test
    void shouldStreamAllRows() {
        try (Rows<String> rows = users.scan().rows()) {
            assertThat(rows.index()).isEqualTo(StreamServer.INDEX);
            assertThat(rows.token()).isEqualTo("tm1." + StreamServer.HISTORY + "." + StreamServer.INDEX);
            assertThat(rows)
                    .extracting(Row::value)
                    .hasSize(ROWS)
                    .startsWith("v0")
                    .endsWith("v9");
            assertThat(rows).isEmpty();
        }
        assertThat(Snippets.scanStream(users)).isZero();
        server.rows.put("eu/1", "v");
        assertThat(Snippets.scan(users)).isEqualTo(-1);
    }

    @Test
    void shouldEndTheServersSideWhenItIsClosedEarly() {
        Rows<String> rows = users.scan().bufferBytes(1).rows();
        assertThat(rows.iterator().next().key()).isEqualTo("k0");
        assertThat(server.dispatcher.open()).isEqualTo(1);

        rows.close();

        assertThat(server.dispatcher.open()).isZero();
        assertThat(rows.iterator().hasNext()).isFalse();
    }

    @Test
    void shouldFailWithTheStackOfWhoeverReads() {
        Rows<String> rows = users.scan().bufferBytes(1).rows();
        server.dispatcher
                .last()
                .fail(new HorizonPassedException(
                        new Failure("gone", "HORIZON_PASSED"), null, StreamServer.INDEX, StreamServer.INDEX + 1));

        assertThatThrownBy(() -> rows.forEach(row -> {}))
                .isInstanceOf(HorizonPassedException.class)
                .satisfies(e -> assertThat(e.getStackTrace())
                        .anyMatch(frame -> frame.getClassName().equals(ScanTest.class.getName())));
    }

    @Test
    void shouldFailAtOnceWhenTheClientIsClosed() {
        Rows<String> rows = users.scan().bufferBytes(1).rows();
        client.close();

        assertThatThrownBy(() -> rows.forEach(row -> {})).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> users.scan().rows()).isInstanceOf(ClosedException.class);
    }

    @Test
    void shouldPublishToEachSubscriber() throws Exception {
        server.rows.put("a1", "v");
        Collector first = new Collector();
        Collector second = new Collector();
        Snippets.publish(users, first);
        Snippets.publish(users, second);

        assertThat(first.done.get(20, TimeUnit.SECONDS)).hasSize(ROWS + 1);
        assertThat(second.done.get(20, TimeUnit.SECONDS)).hasSize(ROWS + 1);
    }

    @Test
    void shouldRefuseLimitsThatAreNone() {
        assertThatThrownBy(() -> users.scan().limit(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> users.scan().pageSize(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> users.scan().bufferBytes(0)).isInstanceOf(IllegalArgumentException.class);
    }

    private static final class Collector implements Flow.Subscriber<Row<String>> {

        final CompletableFuture<List<String>> done = new CompletableFuture<>();
        private final List<String> keys = new ArrayList<>();

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(Row<String> row) {
            keys.add(row.key());
        }

        @Override
        public void onError(Throwable failure) {
            done.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            done.complete(keys);
        }
    }
}
