// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A server's directory, held by one process, and within it by one holder, at a time.
 *
 * <p>The lock is the kernel's, on the file {@code lock}: it goes with the process, however that ends. Such a lock is lost when
 * <em>any</em> descriptor of the file is closed in the same process, so a second holder in this process is refused before it
 * touches the file, and the process id, which is for people, stands in a file of its own.
 */
public final class DataDirectory implements AutoCloseable {

    private static final String LOCK_FILE = "lock";
    private static final String PID_FILE = "pid";

    /** The real paths that this process holds. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final Path realPath;
    private final FileChannel channel;

    private DataDirectory(Path path, Path realPath, FileChannel channel) {
        this.path = path;
        this.realPath = realPath;
        this.channel = channel;
    }

    /**
     * Makes the directory if need be, and takes it.
     *
     * @throws StartException if somebody else has it, or it cannot be written
     */
    public static DataDirectory open(Path path) {
        try {
            Files.createDirectories(path);
            Path realPath = path.toRealPath();
            if (!HELD.add(realPath)) {
                throw new StartException(
                        inUse(path, Long.toString(ProcessHandle.current().pid())));
            }
            try {
                return lock(path, realPath);
            } catch (IOException | RuntimeException e) {
                HELD.remove(realPath);
                throw e;
            }
        } catch (IOException e) {
            throw new StartException("data directory " + path + " cannot be used: " + e, e);
        }
    }

    private static DataDirectory lock(Path path, Path realPath) throws IOException {
        FileChannel channel =
                FileChannel.open(path.resolve(LOCK_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() == null) {
                Path pidFile = path.resolve(PID_FILE);
                throw new StartException(inUse(
                        path, Files.exists(pidFile) ? Files.readString(pidFile).strip() : "(unknown)"));
            }
            DataDirectory directory = new DataDirectory(path, realPath, channel);
            directory.writePid();
            return directory;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** For people, so that a disk without room for it keeps nobody from starting; but an older process must not be named. */
    private void writePid() throws IOException {
        try {
            writeFile(PID_FILE, ProcessHandle.current().pid() + "\n");
        } catch (IOException noRoom) {
            deleteFile(PID_FILE);
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
        try {
            channel.close();
        } finally {
            HELD.remove(realPath);
        }
    }

    private static String inUse(Path path, String holder) {
        return "data directory " + path + " is in use by process " + holder + ": stop it, or give another data-dir";
    }
}
