// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.upkeep;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.stub.ServerCallStreamObserver;
import io.tidemark.proto.v1.BackupResponse;
import io.tidemark.proto.v1.Progress;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.transfer.Room;
import io.tidemark.store.state.Backup;
import java.io.OutputStream;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sends the bytes of a backup as messages. The thread that writes waits here while the caller has no room. A message that ends
 * where the backup can go on has a token for that place; there it is cut, however small it is.
 */
final class BackupSender extends OutputStream {

    private static final Duration PROGRESS_PAUSE = Duration.ofMillis(100);

    private final ServerCallStreamObserver<BackupResponse> call;
    private final Function<Backup.Place, String> tokens;
    private final BackupOptions options;
    private final Ticker ticker;
    private byte[] buffer;
    private int size;
    private @Nullable ResponseHeader header;
    private long lastProgress;
    private final Room room;

    /**
     * A sender for one call.
     *
     * @param room where it waits
     * @param header of the first message
     * @param tokens gives the token for a place
     */
    BackupSender(
            ServerCallStreamObserver<BackupResponse> call,
            Room room,
            ResponseHeader header,
            Function<Backup.Place, String> tokens,
            BackupOptions options,
            Ticker ticker) {
        this.call = call;
        this.header = header;
        this.tokens = tokens;
        this.options = options;
        this.ticker = ticker;
        this.room = room;
        this.buffer = new byte[options.messageBytes()];
        this.lastProgress = ticker.now().monotonicNanos() - PROGRESS_PAUSE.toNanos();
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        int written = 0;
        while (written < length) {
            if (size == buffer.length) {
                send(BackupResponse.newBuilder());
            }
            int step = Math.min(length - written, buffer.length - size);
            System.arraycopy(bytes, offset + written, buffer, size, step);
            size += step;
            written += step;
        }
    }

    /** All bytes up to there have been written. */
    void reached(Backup.Place place, long estimatedRows) {
        BackupResponse.Builder message = BackupResponse.newBuilder().setResumeToken(tokens.apply(place));
        long now = ticker.now().monotonicNanos();
        if (now - lastProgress >= PROGRESS_PAUSE.toNanos()) {
            lastProgress = now;
            message.setProgress(progress(place.rows(), Math.max(place.rows(), estimatedRows)));
        }
        send(message);
    }

    /** The last message. */
    void finish() {
        send(BackupResponse.newBuilder());
    }

    private static Progress progress(long rows, long total) {
        return Progress.newBuilder()
                .setStage("writing the backup")
                .setDone(rows)
                .setTotal(total)
                .setUnit("rows")
                .build();
    }

    private void send(BackupResponse.Builder message) {
        room.await();
        ResponseHeader first = header;
        if (first != null) {
            message.setHeader(first);
            header = null;
        }
        // The message keeps the buffer, so the next one gets its own.
        ByteString data = UnsafeByteOperations.unsafeWrap(buffer, 0, size);
        buffer = new byte[options.messageBytes()];
        size = 0;
        call.onNext(message.setData(data).build());
    }
}
