// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.CompressionType;
import org.rocksdb.FlushOptions;
import org.rocksdb.LRUCache;
import org.rocksdb.MutableColumnFamilyOptions;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * RocksDB with its defaults, but for what would make the comparison unfair either way: no log, since the engine has none;
 * no compression, since the engine does not compress and the values are noise; bloom filters of ten bits, as the
 * engine's; and a cache that holds both data sets whole, as the page cache does for the engine. Keys are the user's,
 * without versions: what the engine spends on its versions counts against it.
 */
final class RocksContender implements Contender {
    private static final long BLOCK_CACHE_BYTES = 512L << 20;

    static {
        RocksDB.loadLibrary();
    }

    private final Path directory;
    private final Cache cache = new LRUCache(BLOCK_CACHE_BYTES);
    private final BloomFilter bloom = new BloomFilter(10);
    private final Options options;
    private final WriteOptions unlogged = new WriteOptions().setDisableWAL(true);
    private final ReadOptions reading = new ReadOptions();
    private final FlushOptions flushing = new FlushOptions().setWaitForFlush(true);
    private RocksDB store;

    RocksContender(Path directory) {
        this.directory = directory;
        this.options = new Options()
                .setCreateIfMissing(true)
                .setCompressionType(CompressionType.NO_COMPRESSION)
                .setTableFormatConfig(
                        new BlockBasedTableConfig().setBlockCache(cache).setFilterPolicy(bloom));
        this.store = open();
    }

    private RocksDB open() {
        try {
            return RocksDB.open(options, directory.toString());
        } catch (RocksDBException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void apply(byte[][] keys, byte[][] values) {
        try (WriteBatch batch = new WriteBatch()) {
            for (int i = 0; i < keys.length; i++) {
                batch.put(keys[i], values[i]);
            }
            store.write(unlogged, batch);
        } catch (RocksDBException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        try {
            return store.get(reading, key);
        } catch (RocksDBException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public int getAll(byte[][] keys) {
        try {
            List<byte[]> values = store.multiGetAsList(reading, Arrays.asList(keys));
            int found = 0;
            for (byte[] value : values) {
                if (value != null) {
                    found++;
                }
            }
            return found;
        } catch (RocksDBException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public int scan(byte[] from, int rows) {
        int seen = 0;
        try (RocksIterator iterator = store.newIterator(reading)) {
            for (iterator.seek(from); seen < rows && iterator.isValid(); iterator.next()) {
                if (iterator.key().length > 0 && iterator.value().length > 0) {
                    seen++;
                }
            }
        }
        return seen;
    }

    @Override
    public void checkpoint() {
        try {
            store.flush(flushing);
        } catch (RocksDBException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void compact() {
        try {
            store.compactRange();
        } catch (RocksDBException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void keepTables(boolean keep) {
        try {
            store.setOptions(MutableColumnFamilyOptions.builder()
                    .setDisableAutoCompactions(keep)
                    .build());
        } catch (RocksDBException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void reopen() {
        store.close();
        store = open();
    }

    @Override
    public void close() {
        store.close();
        flushing.close();
        reading.close();
        unlogged.close();
        options.close();
        bloom.close();
        cache.close();
    }
}
