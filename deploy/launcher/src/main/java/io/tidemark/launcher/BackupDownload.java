// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tidemark.launcher.cli.Progress;
import io.tidemark.proto.v1.BackupRequest;
import io.tidemark.proto.v1.BackupResponse;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.ResponseHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A backup on its way into a file. It is written to {@code FILE.partial}, goes on where a broken stream left it, and gets its name when
 * all of it is on disk. For one thread.
 */
final class BackupDownload {

    /** What another try can mend. */
    private static final Set<Status.Code> PASSING = Set.of(Status.Code.UNAVAILABLE, Status.Code.RESOURCE_EXHAUSTED);

    private final Channel channel;
    private final Path file;
    private final Duration patience;
    private final Duration pause;
    private final Progress progress;

    private ResponseHeader header = ResponseHeader.getDefaultInstance();
    private String resumeToken = "";
    private long resumeAt;
    private long lastGain;

    /**
     * Begins nothing yet.
     *
     * @param patience for how long it tries again without getting any further
     * @param pause before it tries again
     */
    BackupDownload(Channel channel, Path file, Duration patience, Duration pause, Progress progress) {
        this.channel = channel;
        this.file = file;
        this.patience = patience;
        this.pause = pause;
        this.progress = progress;
    }

    /**
     * Fetches it, and gives what it is of.
     *
     * @throws StatusRuntimeException if the server refuses it, or does not come back for too long
     */
    ResponseHeader run() throws IOException, InterruptedException {
        Path partial = file.resolveSibling(file.getFileName() + ".partial");
        try (FileChannel out = FileChannel.open(
                partial, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            lastGain = System.nanoTime();
            while (!receive(out)) {
                TimeUnit.NANOSECONDS.sleep(pause.toNanos());
            }
            out.force(true);
        }
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel directory =
                FileChannel.open(file.toAbsolutePath().normalize().resolveSibling("."), StandardOpenOption.READ)) {
            directory.force(true);
        }
        return header;
    }

    /** Whether it came to its end; if not, it can go on. */
    private boolean receive(FileChannel out) throws IOException {
        out.truncate(resumeAt);
        out.position(resumeAt);
        BackupRequest.Builder request = BackupRequest.newBuilder();
        if (!resumeToken.isEmpty()) {
            request.setResumeToken(resumeToken);
        }
        try (Context.CancellableContext call = Context.current().withCancellation()) {
            Context before = call.attach();
            try {
                Iterator<BackupResponse> messages =
                        MaintenanceGrpc.newBlockingStub(channel).backup(request.build());
                while (messages.hasNext()) {
                    take(messages.next(), out);
                }
                return true;
            } finally {
                call.detach(before);
            }
        } catch (StatusRuntimeException e) {
            if (!PASSING.contains(e.getStatus().getCode()) || System.nanoTime() - lastGain > patience.toNanos()) {
                throw e;
            }
            progress.tell("the stream broke (" + e.getStatus().getCode() + "); trying to go on at byte " + resumeAt);
            return false;
        }
    }

    private void take(BackupResponse message, FileChannel out) throws IOException {
        if (message.hasHeader()) {
            header = message.getHeader();
        }
        write(message.getData(), out);
        if (!message.getResumeToken().isEmpty()) {
            resumeToken = message.getResumeToken();
            resumeAt = out.position();
            lastGain = System.nanoTime();
        }
        if (message.hasProgress()) {
            progress.say(
                    "backing up",
                    message.getProgress().getDone(),
                    message.getProgress().getTotal(),
                    message.getProgress().getUnit());
        }
    }

    private static void write(ByteString data, FileChannel out) throws IOException {
        for (ByteBuffer part : data.asReadOnlyByteBufferList()) {
            while (part.hasRemaining()) {
                int unused = out.write(part);
            }
        }
    }
}
