// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A directory in memory that knows what would survive a power cut: of a file what was synced, of a name what the
 * directory was synced with. It can stop at the k-th operation, be full, and poisons what is read after unmap.
 */
final class FaultDisk implements Storage {
    /** What happens to bytes and names that were not synced. */
    enum Loss {
        DROPPED,
        GARBLED,
        MIXED
    }

    private static final class Node {
        private byte[] bytes = {};
        private byte[] synced = {};

        /** A sync failed: what was not yet durable never will be, whatever later syncs say. */
        private boolean contentLost;

        private boolean nameLost;
    }

    private final Map<String, Node> names = new TreeMap<>();
    private final Map<String, Node> syncedNames = new TreeMap<>();
    private long operations;
    private long crashAt = Long.MAX_VALUE;
    private boolean crashed;
    private long syncs;
    private long failSyncAt = Long.MAX_VALUE;
    private @Nullable String heldThread;
    private int heldAfter;
    private boolean isHeld;
    private long capacityBytes = Long.MAX_VALUE;

    synchronized long operations() {
        return operations;
    }

    synchronized void crashAt(long operation) {
        crashAt = operation;
    }

    synchronized boolean crashed() {
        return crashed;
    }

    synchronized void capacityBytes(long bytes) {
        capacityBytes = bytes;
    }

    synchronized void failSyncAt(long sync) {
        failSyncAt = sync;
    }

    synchronized long syncs() {
        return syncs;
    }

    private void sync() throws IOException {
        operation();
        if (++syncs == failSyncAt) {
            throw new IOException("Input/output error");
        }
    }

    /** The disk as the next process finds it: nothing is lost yet. */
    synchronized FaultDisk afterKill() {
        FaultDisk found = new FaultDisk();
        found.names.putAll(names);
        found.syncedNames.putAll(syncedNames);
        return found;
    }

    /** Lets the thread of this name wait at its next operation; null lets it go. */
    synchronized void hold(@Nullable String thread) {
        holdAfter(thread, 0);
    }

    synchronized boolean isHeld() {
        return isHeld;
    }

    synchronized void awaitHeld() throws InterruptedException {
        while (!isHeld) {
            wait();
        }
    }

    synchronized void holdAfter(@Nullable String thread, int operationsOfIt) {
        heldThread = thread;
        heldAfter = operationsOfIt;
        isHeld = false;
        notifyAll();
    }

    synchronized long usedBytes() {
        return names.values().stream().mapToLong(node -> node.bytes.length).sum();
    }

    synchronized byte[] content(String name) {
        Node node = names.get(name);
        if (node == null) {
            throw new IllegalArgumentException(name);
        }
        return node.bytes;
    }

    /** The disk as it is found after the power comes back. */
    synchronized FaultDisk afterCrash(Loss loss, Random random) {
        FaultDisk found = new FaultDisk();
        Map<String, Node> all = new TreeMap<>(names);
        all.putAll(syncedNames);
        for (String name : all.keySet()) {
            boolean asSynced = loss == Loss.DROPPED || (loss == Loss.MIXED && random.nextBoolean());
            Node node = (asSynced ? syncedNames : names).get(name);
            if (node == null) {
                continue;
            }
            Node copy = new Node();
            copy.bytes = node.synced.clone();
            if (!Arrays.equals(node.bytes, node.synced) && loss != Loss.DROPPED) {
                copy.bytes = node.bytes.clone();
                for (int i = 0; i < copy.bytes.length; i += 1 + random.nextInt(64)) {
                    copy.bytes[i] = (byte) random.nextInt();
                }
            }
            copy.synced = copy.bytes.clone();
            found.names.put(name, copy);
            found.syncedNames.put(name, copy);
        }
        return found;
    }

    /** The same files, to be damaged. */
    synchronized FaultDisk copy() {
        FaultDisk copy = new FaultDisk();
        names.forEach((name, node) -> {
            Node twin = new Node();
            twin.bytes = node.bytes.clone();
            twin.synced = twin.bytes;
            copy.names.put(name, twin);
            copy.syncedNames.put(name, twin);
        });
        return copy;
    }

    private void operation() throws IOException {
        boolean counted = Thread.currentThread().getName().equals(heldThread) && heldAfter-- > 0;
        while (!counted && Thread.currentThread().getName().equals(heldThread)) {
            try {
                isHeld = true;
                notifyAll();
                wait();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
        operations++;
        if (operations >= crashAt) {
            crashed = true;
        }
        if (crashed) {
            throw new IOException("power cut");
        }
    }

    private Node node(String name) throws IOException {
        Node node = names.get(name);
        if (node == null) {
            throw new NoSuchFileException(name);
        }
        return node;
    }

    @Override
    public synchronized List<String> list() {
        return List.copyOf(names.keySet());
    }

    @Override
    public synchronized OutputFile create(String name) throws IOException {
        operation();
        Node node = new Node();
        names.put(name, node);
        return new Output(node);
    }

    @Override
    public synchronized byte[] read(String name) throws IOException {
        return node(name).bytes.clone();
    }

    @Override
    public synchronized void read(String name, long offset, ByteBuffer into) throws IOException {
        into.put(node(name).bytes, (int) offset, into.remaining());
    }

    @Override
    public synchronized void linkTo(String name, Path target) throws IOException {
        Files.write(target, node(name).bytes);
    }

    @Override
    public synchronized long size(String name) throws IOException {
        return node(name).bytes.length;
    }

    @Override
    public synchronized Mapping map(String name) throws IOException {
        byte[] bytes = node(name).bytes.clone();
        return new Mapping() {
            @Override
            public ByteBuffer buffer() {
                return ByteBuffer.wrap(bytes);
            }

            @Override
            public void unmap() {
                Arrays.fill(bytes, (byte) 0xEE);
            }
        };
    }

    @Override
    public synchronized void rename(String from, String to) throws IOException {
        operation();
        names.put(to, node(from));
        names.remove(from);
    }

    @Override
    public synchronized void delete(String name) throws IOException {
        operation();
        names.remove(name);
    }

    @Override
    public synchronized void syncDirectory() throws IOException {
        try {
            sync();
        } catch (IOException e) {
            names.forEach((name, node) -> node.nameLost |= !crashed && syncedNames.get(name) != node);
            throw e;
        }
        Map<String, Node> before = new TreeMap<>(syncedNames);
        syncedNames.clear();
        names.forEach((name, node) -> {
            Node durable = node.nameLost ? before.get(name) : node;
            if (durable != null) {
                syncedNames.put(name, durable);
            }
        });
    }

    @Override
    public void close() {}

    private final class Output implements OutputFile {
        private final Node node;

        private Output(Node node) {
            this.node = node;
        }

        @Override
        public void write(long offset, byte[] bytes, int from, int length) throws IOException {
            synchronized (FaultDisk.this) {
                operation();
                int end = (int) offset + length;
                long grows = Math.max(0, end - node.bytes.length);
                if (usedBytes() + grows > capacityBytes) {
                    throw new IOException("No space left on device");
                }
                if (grows > 0) {
                    node.bytes = Arrays.copyOf(node.bytes, end);
                } else {
                    node.bytes = node.bytes.clone();
                }
                System.arraycopy(bytes, from, node.bytes, (int) offset, length);
            }
        }

        @Override
        public void read(long offset, byte[] into) {
            synchronized (FaultDisk.this) {
                System.arraycopy(node.bytes, (int) offset, into, 0, into.length);
            }
        }

        @Override
        public void sync() throws IOException {
            synchronized (FaultDisk.this) {
                try {
                    FaultDisk.this.sync();
                } catch (IOException e) {
                    node.contentLost = !crashed;
                    throw e;
                }
                if (!node.contentLost) {
                    node.synced = node.bytes;
                }
            }
        }

        @Override
        public void close() {}
    }
}
