// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.service;

import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.api.HistoryId;
import io.tidemark.api.XxHash64;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.server.read.ReadAsks;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Where a scan goes on: page tokens and resume tokens. To clients opaque. It carries no secret and gives no right, so its checksum
 * keeps out mistakes, not forgers: who forges one reads what any request could ask for.
 *
 * @param kind of request; a token of one is none of another
 * @param index that all pages are as of
 * @param rows sent so far
 * @param last key that was sent; empty: none
 * @param request a fingerprint of what must stay as it was
 * @param asks of the first page, which later ones may repeat
 */
record PageToken(Kind kind, HistoryId history, long index, long rows, String last, long request, Asks asks) {

    /** Which requests a token is of. */
    enum Kind {
        SCAN('s'),
        STREAM_SCAN('r'),
        LIST_TABLES('t');

        private final char letter;

        Kind(char letter) {
            this.letter = letter;
        }
    }

    private static final byte VERSION = 1;
    private static final int HEAD_BYTES = 2 + HistoryId.LENGTH + 3 * Long.BYTES + Asks.COUNT * Integer.BYTES;
    private static final int CHECK_BYTES = Long.BYTES;

    /** So that what somebody else hashed with XXH64 does not pass by chance. */
    private static final long CHECK_SEED = 0x746D_7061_6765L;

    String text() {
        byte[] key = last.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(HEAD_BYTES + key.length + CHECK_BYTES)
                .put(VERSION)
                .put((byte) kind.letter)
                .put(history.text().getBytes(StandardCharsets.US_ASCII))
                .putLong(index)
                .putLong(rows)
                .putLong(request);
        asks.write(bytes);
        bytes.put(key);
        bytes.putLong(XxHash64.hash(bytes.array(), 0, bytes.position(), CHECK_SEED));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
    }

    /**
     * Reads a token that came with a request.
     *
     * @throws io.grpc.StatusRuntimeException BAD_PAGE_TOKEN if it is none, or one of another request; HISTORY_CHANGED
     */
    static PageToken parse(String text, Kind kind, long request, ReadOptions options, HistoryId history) {
        PageToken token = parse(text);
        if (token.kind != kind || token.request != request) {
            throw bad("it is of another request: everything but the size of the page must stay as it was");
        }
        ReadAsks.requireHistory(token.history.text(), history);
        String other = token.asks.firstOther(Asks.of(options));
        if (other != null) {
            throw bad("read_options." + other + " is not as it was for the first page; repeat it or leave it out");
        }
        return token;
    }

    private static PageToken parse(String text) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw bad("it is none that a server gave");
        }
        int end = bytes.length - CHECK_BYTES;
        if (end < HEAD_BYTES
                || bytes[0] != VERSION
                || XxHash64.hash(bytes, 0, end, CHECK_SEED)
                        != ByteBuffer.wrap(bytes).getLong(end)) {
            throw bad("it is none that a server gave");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes, 0, end).position(1);
        Kind kind = kind(in.get());
        byte[] history = new byte[HistoryId.LENGTH];
        in.get(history);
        long index = in.getLong();
        long rows = in.getLong();
        long request = in.getLong();
        Asks asks = Asks.read(in);
        byte[] key = new byte[in.remaining()];
        in.get(key);
        return new PageToken(
                kind,
                new HistoryId(new String(history, StandardCharsets.US_ASCII)),
                index,
                rows,
                new String(key, StandardCharsets.UTF_8),
                request,
                asks);
    }

    private static Kind kind(byte letter) {
        for (Kind kind : Kind.values()) {
            if (kind.letter == letter) {
                return kind;
            }
        }
        throw bad("it is none that a server gave");
    }

    /** The read that a later page is: at the index of the first, whatever was asked of that. */
    ReadOptions options(ReadOptions asked) {
        ReadOptions.Builder options = ReadOptions.newBuilder().setAsOfIndex(index);
        if (asked.hasMaxWait()) {
            options.setMaxWait(asked.getMaxWait());
        }
        if (asked.hasHistoryId()) {
            options.setHistoryId(asked.getHistoryId());
        }
        return options.build();
    }

    private static RuntimeException bad(String problem) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_BAD_PAGE_TOKEN,
                        "the token cannot be used: " + problem + ". Begin again without it.")
                .with(ErrorMetadata.PROBLEM, problem)
                .toException();
    }
}
