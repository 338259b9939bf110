// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.nio.MappedByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Unmaps a file at once, so that a deleted table gives its disk space back without waiting for the garbage collector.
 * Where the virtual machine does not offer that, the collector does it.
 */
final class Unmapper {
    private static final @Nullable MethodHandle CLEANER = find();

    private Unmapper() {}

    /** Only after the last reader has gone: access to unmapped memory ends the process. */
    static void unmap(MappedByteBuffer buffer) {
        if (CLEANER == null) {
            return;
        }
        try {
            CLEANER.invoke(buffer);
        } catch (Throwable e) {
            throw new EngineIoException("unmap: " + e, e);
        }
    }

    private static @Nullable MethodHandle find() {
        try {
            Class<?> unsafe = Class.forName("sun.misc.Unsafe");
            Field instance = unsafe.getDeclaredField("theUnsafe");
            instance.setAccessible(true);
            MethodType type = MethodType.methodType(void.class, java.nio.ByteBuffer.class);
            return MethodHandles.lookup()
                    .findVirtual(unsafe, "invokeCleaner", type)
                    .bindTo(instance.get(null));
        } catch (ReflectiveOperationException | RuntimeException absent) {
            return null;
        }
    }
}
