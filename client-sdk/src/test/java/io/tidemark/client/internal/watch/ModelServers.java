// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.watch;

import com.google.protobuf.ByteString;
import io.tidemark.client.Failure;
import io.tidemark.client.TidemarkException;
import io.tidemark.client.UnavailableException;
import io.tidemark.client.internal.stream.FakeDispatcher.FakeStream;
import io.tidemark.proto.v1.ChangeKind;
import io.tidemark.proto.v1.Fragment;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.Value;
import io.tidemark.proto.v1.WatchEvent;
import io.tidemark.proto.v1.WatchRequest;
import io.tidemark.proto.v1.WatchResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** One history, and servers that tell of it as the contract allows: several commits in a message, or a part of one, or none. */
final class ModelServers {

    static final String HISTORY = "8h2kq0m5x7c1r9vz";

    /** The changes of each commit that the watch matches, from index 1; often none. */
    final List<List<WatchEvent>> commits = new ArrayList<>();

    private final Random random;

    ModelServers(Random random) {
        this.random = random;
    }

    long newest() {
        return commits.size();
    }

    void commit() {
        long index = commits.size() + 1L;
        List<WatchEvent> changes = new ArrayList<>();
        int count = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(6);
        int position = 0;
        for (int i = 0; i < count; i++) {
            position += 1 + random.nextInt(2);
            changes.add(change(index, position));
        }
        commits.add(changes);
    }

    private WatchEvent change(long index, int position) {
        Row.Builder row = Row.newBuilder()
                .setTable("users")
                .setKey("k" + random.nextInt(10))
                .setModifiedIndex(index);
        boolean put = random.nextInt(4) > 0;
        if (put) {
            row.setVersion(1)
                    .setValue(Value.newBuilder()
                            .setBytes(ByteString.copyFromUtf8("v" + index + "." + position))
                            .setContentType("text/plain"));
        }
        return WatchEvent.newBuilder()
                .setIndex(index)
                .setPosition(position)
                .setKind(put ? ChangeKind.CHANGE_KIND_PUT : ChangeKind.CHANGE_KIND_DELETE)
                .setRow(row)
                .build();
    }

    /** A server's side of one attempt. */
    final class Telling {

        private final FakeStream<WatchRequest, WatchResponse> stream;
        private boolean opened;
        private long through;
        private int part;
        private int partEvents;

        Telling(FakeStream<WatchRequest, WatchResponse> stream) {
            this.stream = stream;
            this.through = stream.request.hasFromIndex() ? stream.request.getFromIndex() - 1 : newest();
        }

        FakeStream<WatchRequest, WatchResponse> stream() {
            return stream;
        }

        boolean isLevel() {
            return opened && part == 0 && through == newest();
        }

        void tell() {
            if (!opened) {
                opened = true;
                stream.send(message().setHeader(header()).build());
            } else if (part > 0) {
                tellPart();
            } else if (through == newest()) {
                stream.send(message().setHeader(header()).build());
            } else if (commits.get((int) through).size() > 1 && random.nextInt(3) == 0) {
                tellPart();
            } else {
                tellSome();
            }
        }

        private void tellSome() {
            List<WatchEvent> events = new ArrayList<>();
            if (through > 0 && random.nextInt(4) == 0) {
                // What the watcher has already.
                events.addAll(commits.get((int) through - 1));
            }
            long reach = through + 1 + random.nextInt((int) Math.min(5, newest() - through));
            for (; through < reach; through++) {
                events.addAll(commits.get((int) through));
            }
            WatchResponse.Builder message = message().addAllEvents(events);
            stream.send((events.isEmpty() ? message.setHeader(header()) : message).build());
        }

        private void tellPart() {
            List<WatchEvent> changes = commits.get((int) through);
            int until = Math.min(changes.size(), partEvents + 1 + random.nextInt(2));
            boolean last = until == changes.size();
            if (last) {
                through++;
            }
            WatchResponse message = message()
                    .addAllEvents(changes.subList(partEvents, until))
                    .setFragment(Fragment.newBuilder().setNumber(part).setLast(last))
                    .build();
            part = last ? 0 : part + 1;
            partEvents = last ? 0 : until;
            stream.send(message);
        }

        /** Something that no server may send. */
        void tellNonsense() {
            WatchResponse.Builder nonsense = message();
            switch (random.nextInt(3)) {
                case 0 ->
                    nonsense.setThroughIndex(through - 1 - random.nextInt(3)).setHeader(header());
                case 1 ->
                    nonsense.addEvents(change(newest() + 5, 0))
                            .setFragment(Fragment.newBuilder().setNumber(part + 1));
                default -> nonsense.addEvents(change(newest() + 5, 0));
            }
            stream.send(nonsense.build());
        }

        TidemarkException moved() {
            return new UnavailableException(
                    new Failure("moved", "MOVED", Map.of("through_index", Long.toString(through)), List.of()), null);
        }

        private WatchResponse.Builder message() {
            return WatchResponse.newBuilder().setThroughIndex(through);
        }

        private ResponseHeader header() {
            return ResponseHeader.newBuilder()
                    .setHistoryId(HISTORY)
                    .setServedBy("n1")
                    .setAppliedIndex(newest())
                    .build();
        }
    }
}
