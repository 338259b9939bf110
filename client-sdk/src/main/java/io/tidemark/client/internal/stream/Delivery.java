// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.stream;

import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Gives what a stream brings to a listener, one thing after the other, on an executor. A listener that throws ends it: what it
 * failed on was not dealt with, and nothing after it may look as if it was.
 */
public final class Delivery<T> implements AutoCloseable {

    /** Things in a row before others have their turn. */
    private static final int TURN = 64;

    private final Intake<?, T> intake;
    private final Listener<? super T> listener;
    private final Consumer<@Nullable Throwable> over;
    private final Turns turns;
    private boolean done;

    /** Whoever is told. */
    public interface Listener<T> {
        void accept(T next) throws Exception;
    }

    /** @param over called once, at the end, where the listener is called: null after {@link #close}, or when all was delivered */
    public Delivery(
            Intake<?, T> intake, Executor executor, Listener<? super T> listener, Consumer<@Nullable Throwable> over) {
        this.intake = intake;
        this.listener = listener;
        this.over = over;
        this.turns = new Turns(executor, this::turn);
    }

    public void start() {
        intake.onNews(turns::signal);
    }

    private boolean turn() {
        if (done) {
            return false;
        }
        try {
            for (int i = 0; i < TURN; i++) {
                T next = intake.poll();
                if (next == null) {
                    if (intake.isOver()) {
                        finish(null);
                    }
                    return false;
                }
                listener.accept(next);
            }
            return true;
        } catch (Throwable e) {
            intake.close();
            finish(e);
            return false;
        }
    }

    private void finish(@Nullable Throwable why) {
        done = true;
        over.accept(why);
    }

    @Override
    public void close() {
        intake.close();
    }
}
