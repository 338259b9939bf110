// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** An engine at whose doors a test can do something: let time pass for others, or fail. */
public final class HookedEngine implements Engine {

    private final Engine engine;
    private Runnable beforeView = HookedEngine::nothing;
    private Runnable beforeApply = HookedEngine::nothing;
    private Runnable afterApply = HookedEngine::nothing;

    public HookedEngine(Engine engine) {
        this.engine = engine;
    }

    private static void nothing() {}

    /** Before the next view is opened, once. */
    public void beforeNextView(Runnable hook) {
        beforeView = hook;
    }

    /** As when the disk is full: nothing of the next batch is done. */
    public void refuseNextApply() {
        beforeApply = () -> {
            throw new EngineFullException("no room", new IOException("as if"));
        };
    }

    /** After the next batch is in, once. */
    public void afterNextApply(Runnable hook) {
        afterApply = hook;
    }

    @Override
    public void apply(List<CommitRows> commits) {
        Runnable before = beforeApply;
        beforeApply = HookedEngine::nothing;
        before.run();
        engine.apply(commits);
        Runnable after = afterApply;
        afterApply = HookedEngine::nothing;
        after.run();
    }

    private void beforeView() {
        Runnable hook = beforeView;
        beforeView = HookedEngine::nothing;
        hook.run();
    }

    @Override
    public View view() {
        beforeView();
        return engine.view();
    }

    @Override
    public View viewAt(long index) {
        beforeView();
        return engine.viewAt(index);
    }

    @Override
    public void movePosition(byte[] position) {
        engine.movePosition(position);
    }

    @Override
    public long appliedIndex() {
        return engine.appliedIndex();
    }

    @Override
    public byte[] position() {
        return engine.position();
    }

    @Override
    public CompletableFuture<Checkpoint> checkpoint() {
        return engine.checkpoint();
    }

    @Override
    public long durableIndex() {
        return engine.durableIndex();
    }

    @Override
    public void setHorizon(long index) {
        engine.setHorizon(index);
    }

    @Override
    public long horizon() {
        return engine.horizon();
    }

    @Override
    public long memtableBytes() {
        return engine.memtableBytes();
    }

    @Override
    public CompletableFuture<Void> compact() {
        return engine.compact();
    }

    @Override
    public void scrub(ScrubProgress progress) {
        engine.scrub(progress);
    }

    @Override
    public EngineStats stats() {
        return engine.stats();
    }

    @Override
    public void close() {
        engine.close();
    }
}
