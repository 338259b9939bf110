// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.watch;

import io.tidemark.proto.v1.ChangeKind;
import io.tidemark.server.call.Turns;
import io.tidemark.server.read.LocalState;
import io.tidemark.store.LogTime;
import io.tidemark.store.feed.CommitEffects;
import io.tidemark.store.feed.FeedRead;
import io.tidemark.store.state.Store;
import io.tidemark.store.transition.RowEffect;
import io.tidemark.store.transition.SystemChange;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks out for new commits on behalf of all watches that have seen everything so far. It reads the feed once for all of them,
 * a batch at a time, finds by name whom each change concerns, and wakes those alone; a watch that nothing concerns is not
 * touched, and its place moves with the lookout's.
 *
 * <p>What it costs: per batch of commits one task and one read from memory; per changed row the look-ups of {@link Interests},
 * about a microsecond, whoever watches other rows; per watch concerned one task. So 10,000 watches of one key each cost a server
 * of 1,000 commits a second about as much as one of them does. Watches of everything, of one table, and of ranges that are no
 * prefixes are passed one by one for each change of it.
 *
 * <p>For any thread: a lock guards everything here, the posts included. It is never held while the disk is read or while a watch
 * is told. The store's writer does not take it.
 */
final class Lookout {

    /** The place of one watch. Guarded by the lookout. */
    static final class Post {
        private final WatchedRows rows;
        private final Runnable wake;
        private boolean waiting;
        private long through;
        private LogTime time = LogTime.MIN;

        private Post(WatchedRows rows, Runnable wake) {
            this.rows = rows;
            this.wake = wake;
        }
    }

    /**
     * How far nothing concerned a watch.
     *
     * @param waiting and nothing has come since
     * @param time no later than the log time of the next commit; {@link LogTime#MIN}: not known
     */
    record Standing(boolean waiting, long through, LogTime time) {}

    private final Supplier<LocalState> states;
    private final long readBytes;
    private final Turns looking;
    private final Interests<Post> interests = new Interests<>();
    private final Set<Post> posts = new HashSet<>();

    /** Written under the lock; the store's writer looks at it without. */
    private volatile int waiting;

    private @Nullable LocalState current;
    /** Whoever waits has nothing to be told of up to here. Means nothing while nobody waits. */
    private long through;

    private LogTime time = LogTime.MIN;

    /** @param states what watches read; throws an error for their callers while there is nothing */
    Lookout(Supplier<LocalState> states, long readBytes, Executor workers) {
        this.states = states;
        this.readBytes = readBytes;
        this.looking = new Turns(workers, this::look);
    }

    /** What is to be read now. If it is another one than before, everybody is waked. */
    LocalState state() {
        List<Runnable> waked;
        LocalState now;
        synchronized (this) {
            now = states.get();
            if (now.equals(current)) {
                return now;
            }
            waked = wakeAll();
            current = now;
        }
        now.store().addListener(this::applied);
        waked.forEach(Runnable::run);
        return now;
    }

    /** By the writer of a store, with each write. */
    private void applied() {
        if (waiting > 0) {
            looking.signal();
        }
    }

    /** @param wake called when there is something to read; must be quick */
    synchronized Post enter(WatchedRows rows, Runnable wake) {
        Post post = new Post(rows, wake);
        posts.add(post);
        interests.add(rows, post);
        return post;
    }

    synchronized void leave(Post post) {
        if (posts.remove(post)) {
            interests.remove(post.rows, post);
            stopWaiting(post);
        }
    }

    /** Wakes all, to look around for themselves. */
    void wakeEverybody() {
        List<Runnable> waked;
        synchronized (this) {
            waked = wakeAll();
        }
        waked.forEach(Runnable::run);
    }

    /**
     * Lets a watch wait for what comes behind an index, which may lie ahead. False: there is something already, so read on from
     * there and come again.
     */
    boolean await(Post post, LocalState state, long from, LogTime fromTime) {
        synchronized (this) {
            if (!state.equals(current) || !posts.contains(post)) {
                return false;
            }
            if (waiting == 0) {
                through = Math.min(from, state.store().appliedIndex());
                time = through == from ? fromTime : LogTime.MIN;
            } else if (from < through) {
                return false;
            }
            post.waiting = true;
            post.through = from;
            post.time = fromTime;
            waiting++;
        }
        // A commit that became visible before this watch was counted has signalled to nobody.
        looking.signal();
        return true;
    }

    synchronized Standing standing(Post post) {
        if (post.waiting && through > post.through) {
            return new Standing(true, through, LogTime.max(time, post.time));
        }
        return new Standing(post.waiting, post.through, post.time);
    }

    private boolean look() {
        LocalState state;
        long from;
        synchronized (this) {
            state = current;
            from = through;
            if (waiting == 0 || state == null) {
                return false;
            }
        }
        Store store = state.store();
        FeedRead read;
        try {
            if (store.appliedIndex() <= from) {
                return false;
            }
            read = store.feed().read(from, readBytes);
        } catch (RuntimeException e) {
            // Each watch then meets the same by itself, and knows what to tell its caller.
            wakeEverybody();
            return false;
        }
        List<Runnable> waked = new ArrayList<>();
        synchronized (this) {
            if (!state.equals(current) || from != through) {
                return true;
            }
            read.commits().forEach(commit -> pass(commit, waked));
            through = read.through();
            time = LogTime.max(time, read.throughTime());
        }
        waked.forEach(Runnable::run);
        return store.appliedIndex() > read.through();
    }

    private void pass(CommitEffects commit, List<Runnable> waked) {
        for (RowEffect effect : commit.rows()) {
            ChangeKind kind = WatchedRows.kindOf(effect);
            if (kind != null) {
                interests.forEachOf(effect.name(), post -> {
                    if (isNewTo(post, commit) && post.rows.admits(effect, kind)) {
                        wake(post, commit, waked);
                    }
                });
            }
        }
        for (SystemChange change : commit.system()) {
            String dropped = WatchedRows.droppedBy(change);
            if (dropped != null) {
                interests.forEachTouching(dropped, post -> {
                    if (isNewTo(post, commit)) {
                        wake(post, commit, waked);
                    }
                });
            }
        }
        time = LogTime.max(time, commit.logTime());
    }

    private static boolean isNewTo(Post post, CommitEffects commit) {
        return post.waiting && commit.index() > post.through;
    }

    /** Nothing concerned the watch before this commit. */
    private void wake(Post post, CommitEffects commit, List<Runnable> waked) {
        stopWaiting(post);
        post.through = commit.index() - 1;
        post.time = LogTime.max(post.time, time);
        waked.add(post.wake);
    }

    private List<Runnable> wakeAll() {
        List<Runnable> waked = new ArrayList<>(posts.size());
        for (Post post : posts) {
            if (post.waiting) {
                Standing standing = standing(post);
                stopWaiting(post);
                post.through = standing.through();
                post.time = standing.time();
            }
            waked.add(post.wake);
        }
        return waked;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
    private void stopWaiting(Post post) {
        if (post.waiting) {
            post.waiting = false;
            waiting--;
        }
    }
}
