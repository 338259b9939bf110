// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A server's directory, held by one process at a time.
 *
 * <p>The lock is the kernel's, on the file {@code lock}: it goes with the process, however that ends. What the file says
 * (the process id) is for people.
 */
public final class DataDirectory implements AutoCloseable {

    private final Path path;
    private final FileChannel channel;

    private DataDirectory(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /**
     * Makes the directory if need be, and takes it.
     *
     * @throws StartException if another process has it, or it cannot be written
     */
    public static DataDirectory open(Path path) {
        Path lockFile = path.resolve("lock");
        try {
            Files.createDirectories(path);
            FileChannel channel = FileChannel.open(
                    lockFile, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            if (tryLock(channel) == null) {
                String holder = Files.readString(lockFile).strip();
                channel.close();
                throw new StartException("data directory " + path + " is in use by process "
                        + (holder.isEmpty() ? "(unknown)" : holder) + ": stop it, or give another data-dir");
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.UTF_8)), 0);
            return new DataDirectory(path, channel);
        } catch (IOException e) {
            throw new StartException("data directory " + path + " cannot be used: " + e, e);
        }
    }

    public Path path() {
        return path;
    }

    /** Writes a small file so that readers see all of it or none. */
    void writeFile(String name, String text) throws IOException {
        Path draft = path.resolve(name + ".draft");
        Files.writeString(draft, text);
        Files.move(draft, path.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    void deleteFile(String name) throws IOException {
        Files.deleteIfExists(path.resolve(name));
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // This very process has it.
            return null;
        }
    }
}
