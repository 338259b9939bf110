// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import io.tidemark.store.engine.Engine;
import io.tidemark.store.engine.EngineFullException;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;

/** The disk of an engine, which is full while a test says so: then nothing is written, and nothing of what was is lost. */
final class FullDisk {

    boolean full;
    int refused;

    Engine under(Engine real) {
        return (Engine) Proxy.newProxyInstance(
                FullDisk.class.getClassLoader(), new Class<?>[] {Engine.class}, (self, method, given) -> {
                    if (full && method.getName().equals("apply")) {
                        refused++;
                        throw noRoom();
                    }
                    if (full && method.getName().equals("checkpoint")) {
                        refused++;
                        return CompletableFuture.failedFuture(noRoom());
                    }
                    try {
                        return method.invoke(real, given);
                    } catch (InvocationTargetException e) {
                        throw e.getTargetException();
                    }
                });
    }

    /** Only the engine makes them. */
    private static EngineFullException noRoom() throws ReflectiveOperationException {
        Constructor<EngineFullException> constructor =
                EngineFullException.class.getDeclaredConstructor(String.class, Throwable.class);
        constructor.setAccessible(true);
        return constructor.newInstance("the disk is full", new IOException("No space left on device"));
    }
}
