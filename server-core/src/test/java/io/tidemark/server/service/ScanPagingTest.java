// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.grpc.Context;
import io.grpc.Context.CancellableContext;
import io.tidemark.proto.v1.Order;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.ScanRequest;
import io.tidemark.proto.v1.ScanResponse;
import io.tidemark.proto.v1.StreamScanRequest;
import io.tidemark.proto.v1.StreamScanResponse;
import io.tidemark.proto.v1.Strength;
import io.tidemark.store.Utf8;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random scans against a sorted map, while rows are written and deleted between the pages. */
class ScanPagingTest {

    private static final String[] LETTERS = {"a", "b", "\u00e9", "\uffee", "\ud83d\ude00"};

    private final NavigableMap<String, String> model = new TreeMap<>(Utf8::compare);

    @Test
    void shouldReadEveryPageAtTheIndexOfTheFirst(@TempDir Path directory) {
        // A page is at times cut short by its bytes.
        try (ServiceRig rig = new ServiceRig(directory, KeyValueServiceTest.limits(4096 + 600, 5))) {
            rig.data().put("a", "first");
            model.put("a", "first");
            for (long seed = 1; seed <= 60; seed++) {
                Random random = new Random(seed);
                writeSome(rig, random, 12);
                ScanRequest request = request(random);
                Map<String, String> expected = expected(request);
                List<Row> scanned = random.nextBoolean() ? pages(rig, request, random) : streams(rig, request, random);
                assertThat(scanned)
                        .as("seed %d: %s", seed, request)
                        .extracting(row -> row.getKey() + "=" + row.getValue().getText())
                        .containsExactlyElementsOf(expected.entrySet().stream()
                                .map(row -> row.getKey() + "=" + row.getValue())
                                .toList());
            }
        }
    }

    private void writeSome(ServiceRig rig, Random random, int count) {
        for (int i = 0; i < count; i++) {
            String key = key(random, 1);
            if (random.nextInt(4) == 0) {
                rig.data().delete(key);
                model.remove(key);
            } else {
                String value = "v".repeat(random.nextInt(100)) + random.nextInt();
                rig.data().put(key, value);
                model.put(key, value);
            }
        }
    }

    private static String key(Random random, int lengthMin) {
        StringBuilder key = new StringBuilder();
        for (int i = lengthMin + random.nextInt(3); i > 0; i--) {
            key.append(LETTERS[random.nextInt(LETTERS.length)]);
        }
        return key.toString();
    }

    private static ScanRequest request(Random random) {
        ScanRequest.Builder request = ScanRequest.newBuilder().setTable("t");
        if (random.nextInt(3) == 0) {
            request.setPrefix(key(random, 0));
        } else {
            if (random.nextBoolean()) {
                request.setStart(key(random, 0));
            }
            if (random.nextBoolean()) {
                request.setEnd(key(random, 0));
            }
        }
        return request.setOrder(random.nextBoolean() ? Order.ORDER_DESCENDING : Order.ORDER_ASCENDING)
                .setReadOptions(ReadOptions.newBuilder().setStrength(Strength.STRENGTH_EVENTUAL))
                .build();
    }

    private Map<String, String> expected(ScanRequest request) {
        NavigableMap<String, String> rows = new TreeMap<>(Utf8::compare);
        model.forEach((key, value) -> {
            boolean in = !request.hasPrefix() || key.startsWith(request.getPrefix());
            in &= !request.hasStart() || Utf8.compare(key, request.getStart()) >= 0;
            in &= !request.hasEnd() || Utf8.compare(key, request.getEnd()) < 0;
            if (in) {
                rows.put(key, value);
            }
        });
        return request.getOrder() == Order.ORDER_DESCENDING ? rows.descendingMap() : rows;
    }

    private List<Row> pages(ServiceRig rig, ScanRequest request, Random random) {
        List<Row> rows = new ArrayList<>();
        String token = "";
        long index = -1;
        while (true) {
            ScanResponse page = rig.keyValue()
                    .scan(request.toBuilder()
                            .setPageSize(1 + random.nextInt(8))
                            .setPageToken(token)
                            .build());
            assertBounded(page, page.getRowsCount());
            index = index < 0 ? page.getHeader().getReadIndex() : index;
            assertThat(page.getHeader().getReadIndex()).isEqualTo(index);
            rows.addAll(page.getRowsList());
            if (!page.hasNextPageToken()) {
                return rows;
            }
            assertThat(page.getRowsCount()).isPositive();
            token = page.getNextPageToken();
            writeSome(rig, random, 3);
        }
    }

    /** Each stream breaks off after its first message. */
    private List<Row> streams(ServiceRig rig, ScanRequest request, Random random) {
        StreamScanRequest.Builder stream = StreamScanRequest.newBuilder()
                .setTable("t")
                .setOrder(request.getOrder())
                .setReadOptions(request.getReadOptions());
        if (request.hasStart()) {
            stream.setStart(request.getStart());
        }
        if (request.hasEnd()) {
            stream.setEnd(request.getEnd());
        }
        if (request.hasPrefix()) {
            stream.setPrefix(request.getPrefix());
        }
        List<Row> rows = new ArrayList<>();
        while (true) {
            CancellableContext breaking = Context.current().withCancellation();
            try {
                StreamScanResponse message = breaking.call(() -> {
                    Iterator<StreamScanResponse> messages = rig.keyValue().streamScan(stream.build());
                    return messages.next();
                });
                if (message.getRowsCount() == 0) {
                    return rows;
                }
                rows.addAll(message.getRowsList());
                stream.setResumeToken(message.getResumeToken());
                writeSome(rig, random, 3);
            } catch (Exception e) {
                throw new AssertionError(e);
            } finally {
                breaking.cancel(null);
            }
        }
    }

    private static void assertBounded(Message answer, int rows) {
        assertThat(rows <= 1 || answer.getSerializedSize() <= 4096 + 600).isTrue();
    }
}
