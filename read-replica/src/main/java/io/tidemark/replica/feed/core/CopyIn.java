// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import com.google.protobuf.ByteString;
import io.tidemark.proto.v1.BootstrapEnd;
import io.tidemark.proto.v1.BootstrapRequest;
import io.tidemark.proto.v1.BootstrapResponse;
import io.tidemark.proto.v1.BootstrapRows;
import io.tidemark.proto.v1.BootstrapStart;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.Progress;
import io.tidemark.proto.v1.RowKey;
import io.tidemark.proto.v1.ShardBootstrap;
import io.tidemark.proto.v1.ShardBootstrapStage;
import io.tidemark.proto.v1.ShardDigest;
import io.tidemark.server.time.Timers;
import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.copy.DamagedCopyException;
import io.tidemark.store.copy.DifferentCopyException;
import io.tidemark.store.copy.RowChunk;
import io.tidemark.store.digest.Digest;
import io.tidemark.store.digest.RowHasher;
import io.tidemark.store.engine.EngineFullException;
import io.tidemark.store.state.CopyState;
import io.tidemark.store.state.Store;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies shards in that the feed brings already: one set after the other, chunk by chunk, resumed where it broke off.
 *
 * <p>A copy must not be older than what is applied when it begins. So from its request to its beginning commits wait, for a moment;
 * see {@link #holdsCommits}. Rows that are deleted meanwhile are kept from coming back by the store.
 */
final class CopyIn {

    private static final Logger LOG = LoggerFactory.getLogger(CopyIn.class);

    /** A copy that breaks off so often at one place is begun anew. */
    private static final int VAIN_MAX = 3;

    private static final int DOUBLINGS_MAX = 6;
    private static final int DIFFERED_DOUBLINGS_MAX = 10;

    /** A source that asks to be left alone for longer is asked all the same: it may have changed its mind. */
    private static final Duration RETRY_DELAY_MAX = Duration.ofSeconds(30);

    /** What a copy needs of the feed. */
    interface Feed {
        /** Who feeds now; null: nobody does. */
        @Nullable String upstream();

        String clusterId();

        /** Commits that were held may be applied. */
        void goOn();

        /** The store could not be written for want of room. */
        void diskIsFull();

        /** The store has let go of what had come of a copy. */
        void dropped();

        /** A copy is complete. */
        void copied(String source);

        /** A copy was not what its source has applied. Others may have a right one. */
        void differed(String source, String why);

        /** A write to the store failed, and the process with it. */
        void failed(Throwable why);
    }

    private final FeedOptions options;
    private final Network network;
    private final Timers timers;
    private final Feed feed;

    private @Nullable Store store;
    private Network.@Nullable CopyStream stream;
    private Timers.@Nullable Pending timer;
    private Shards asked = Shards.NONE;
    private CopyPosition position = CopyPosition.NONE;
    private String source = "";
    private long minIndex;
    private long estimatedRows;

    /** How often in a row the copy broke off at one place. */
    private int vain;

    /** How many attempts in a row brought nothing, whatever was begun anew in between. */
    private int failedInRow;

    private boolean waitsForStart;

    /** All of the copy is here: its source has let go of the state by now, and ends the stream. */
    private boolean ending;

    private long copied;
    private long brokenOff;
    private long differed;

    /** How many copies in a row were not what their source has applied. */
    private int differedNow;

    /** How copies ended since the start. */
    record Counts(long copied, long brokenOff, long differed) {}

    CopyIn(FeedOptions options, Network network, Timers timers, Feed feed) {
        this.options = options;
        this.network = network;
        this.timers = timers;
        this.feed = feed;
    }

    /** The store to copy into. What an earlier life had begun can be gone on with. */
    void open(Store present) {
        abandon();
        store = present;
        position = CopyPosition.decode(present.position());
    }

    /** Ends what is under way, without a trace beside what the store has of it. */
    void abandon() {
        closeStream();
        store = null;
        asked = Shards.NONE;
        position = CopyPosition.NONE;
        vain = 0;
    }

    /** The feed has ended. What has not begun would begin without the effects that follow it. */
    void feedEnded() {
        if (waitsForStart) {
            closeStream();
        }
    }

    /** The store has let go of these. */
    void dropped(Shards gone) {
        Store present = store;
        if (present != null && asked.intersects(gone)) {
            closeStream();
            asked = Shards.NONE;
            keep(present, CopyPosition.NONE);
        }
    }

    /** What the store keeps beside its index. */
    ByteString position() {
        return position.encode();
    }

    /** Whether commits must wait: a copy was asked for, and its index is not known. */
    boolean holdsCommits() {
        return waitsForStart;
    }

    Shards underWay() {
        Store present = store;
        return present == null
                ? Shards.NONE
                : present.copyUnderWay().map(CopyState::shards).orElse(Shards.NONE);
    }

    /**
     * Sees to it that these come in.
     *
     * @param missing subscribed, and not held
     * @param fedFrom their effects come from this index on, if not from all that is applied now
     */
    void want(Shards missing, long fedFrom) {
        Store present = store;
        if (present == null || stream != null || timer != null) {
            return;
        }
        Shards begun = underWay();
        // What is wrong here must be gone before the right one comes, or it would stay in the shard's digest.
        Shards next = begun.isEmpty() ? missing.minus(present.dropping()) : begun;
        String upstream = feed.upstream();
        if (next.isEmpty() || upstream == null) {
            return;
        }
        // Only who gave the token holds the state that it is of.
        source = begun.isEmpty() || position.token().isEmpty() || vain > 0 ? upstream : position.source();
        boolean resumes = !begun.isEmpty() && !position.token().isEmpty() && source.equals(position.source());
        asked = next;
        minIndex = Math.max(present.lowestCopyIndex(), fedFrom - 1);
        BootstrapRequest.Builder request = BootstrapRequest.newBuilder()
                .setClusterId(feed.clusterId())
                .setHistoryId(present.history().text())
                .setShards(next.toProto())
                .setMinIndex(minIndex);
        if (resumes) {
            // That state may be older than what is applied here by now: it was not when the copy began.
            present.copyUnderWay().ifPresent(copy -> request.setMinIndex(Math.min(minIndex, copy.index())));
            request.setResumeToken(position.token());
        }
        LOG.info(
                "copies shards={} from={} min_index={}{}",
                next.count(),
                source,
                request.getMinIndex(),
                resumes ? ", where it broke off" : "");
        waitsForStart = true;
        timer = timers.after(options.holdMax(), () -> broken("no copy began in time"));
        stream = network.openCopy(source, request.build(), new Listener());
    }

    private final class Listener implements Network.CopyListener {
        @Override
        public void received(BootstrapResponse message) {
            try {
                take(message);
            } catch (RuntimeException e) {
                notTaken(e);
            }
        }

        @Override
        public void ended(Network.StreamEnd end) {
            if (ending) {
                return;
            }
            if (end.isBecause(ErrorReason.ERROR_REASON_OVERLOADED)) {
                refused(end);
            } else {
                broken(end.message());
            }
        }
    }

    private void take(BootstrapResponse message) {
        Store present = store;
        if (present == null) {
            return;
        }
        stopTimer();
        if (waitsForStart != message.hasStart()) {
            throw new DamagedCopyException("a copy sent " + message.getMessageCase() + " (expected: "
                    + (waitsForStart ? "its start" : "rows, or its end") + ")");
        }
        switch (message.getMessageCase()) {
            case START -> start(present, message.getStart());
            case ROWS -> rows(present, message.getRows());
            case END -> end(present, message.getEnd());
            case MESSAGE_NOT_SET -> throw new DamagedCopyException("a copy sent what is not understood");
        }
    }

    private void start(Store present, BootstrapStart start) {
        if (!start.getHistoryId().equals(present.history().text())) {
            throw new DamagedCopyException(
                    "a copy of history " + start.getHistoryId() + " (expected: " + present.history() + ")");
        }
        estimatedRows = start.getEstimatedRows();
        Optional<CopyState> begun = present.copyUnderWay();
        boolean goesOn = begun.isPresent() && begun.get().index() == start.getIndex();
        if (!goesOn) {
            if (start.getIndex() < Math.max(minIndex, present.lowestCopyIndex())) {
                throw new DamagedCopyException(
                        "a copy of index " + start.getIndex() + " (expected: at least " + minIndex + ")");
            }
            begun.ifPresent(copy -> present.drop(copy.shards()));
            present.startCopy(asked, start.getIndex());
            keep(present, CopyPosition.NONE);
        }
        waitsForStart = false;
        next();
        feed.goOn();
    }

    private void rows(Store present, BootstrapRows rows) {
        RowChunk chunk = RowChunk.received(
                rows.hasAfter() ? name(rows.getAfter()) : null,
                name(rows.getThrough()),
                rows.getRows(),
                rows.getRowsCrc32C());
        RowName passed = present.copyUnderWay().map(CopyState::passed).orElse(null);
        if (passed != null && chunk.through().compareTo(passed) <= 0) {
            // It had come before the stream broke.
            next();
            return;
        }
        inSteps(() -> present.copyIn(chunk, options.copyRowsStep()), () -> {
            vain = 0;
            failedInRow = 0;
            keep(present, new CopyPosition(source, rows.getResumeToken()));
            next();
        });
    }

    private static RowName name(RowKey key) {
        return new RowName(key.getTable(), key.getKey());
    }

    private void end(Store present, BootstrapEnd end) {
        Optional<Digest> digest = digest(end);
        ending = true;
        inSteps(() -> endCopy(present, end, digest), () -> {
            LOG.info("copied shards={} rows={}", asked.count(), end.getRowCount());
            String from = source;
            closeStream();
            asked = Shards.NONE;
            vain = 0;
            failedInRow = 0;
            differedNow = 0;
            copied++;
            keep(present, CopyPosition.NONE);
            feed.copied(from);
        });
    }

    /** What the source has applied of these shards; empty: it computes digests in another way, so there is nothing to compare. */
    private Optional<Digest> digest(BootstrapEnd end) {
        if (end.getDigestVersion() != RowHasher.VERSION) {
            return Optional.empty();
        }
        Shards named = Shards.of(
                end.getDigestsList().stream().mapToInt(ShardDigest::getShard).toArray());
        if (!named.equals(asked) || named.count() != end.getDigestsCount()) {
            vain = VAIN_MAX;
            throw new DamagedCopyException(
                    "a copy that ends with digests of " + named + " (expected: of " + asked + ")");
        }
        Digest sum = Digest.EMPTY;
        for (ShardDigest shard : end.getDigestsList()) {
            sum = sum.plus(Digest.of(shard.getDigest(), shard.getRowCount()));
        }
        return Optional.of(sum);
    }

    private boolean endCopy(Store present, BootstrapEnd end, Optional<Digest> digest) {
        try {
            return digest.isPresent()
                    ? present.endCopy(digest.get(), options.copyRowsStep())
                    : present.endCopy(end.getRowCount(), options.copyRowsStep());
        } catch (DamagedCopyException e) {
            vain = VAIN_MAX;
            throw e;
        }
    }

    private void keep(Store present, CopyPosition now) {
        position = now;
        present.movePosition(now.encode());
    }

    /** In between the feed has its turn. */
    private void inSteps(BooleanSupplier step, Runnable done) {
        if (step.getAsBoolean()) {
            done.run();
            return;
        }
        Network.CopyStream of = stream;
        Timers.Pending unused = timers.after(Duration.ZERO, () -> {
            if (of == null || !of.equals(stream)) {
                return;
            }
            try {
                inSteps(step, done);
            } catch (RuntimeException e) {
                notTaken(e);
            }
        });
    }

    private void notTaken(RuntimeException why) {
        String message = String.valueOf(why.getMessage());
        if (why instanceof DifferentCopyException) {
            String from = source;
            differed++;
            differedNow++;
            vain++;
            again(message, Duration.ZERO);
            feed.differed(from, message);
        } else if (why instanceof DamagedCopyException || why instanceof IllegalArgumentException) {
            broken(message);
        } else {
            notWritten(why);
        }
    }

    /** A full disk takes more when there is room; all else ends the process. */
    private void notWritten(RuntimeException why) {
        closeStream();
        if (why instanceof EngineFullException) {
            LOG.warn("the copy of {} shards waits for room on the disk", asked.count());
            feed.diskIsFull();
            timer = timers.after(options.retryMax(), this::paused);
        } else {
            feed.failed(why);
        }
    }

    private void paused() {
        timer = null;
        if (dropsWhatWasInVain()) {
            feed.goOn();
        }
    }

    private void next() {
        Network.CopyStream open = stream;
        if (open != null) {
            // The connection may be dead without a word, and then nothing else would end the wait.
            timer = timers.after(options.copySilenceMax(), () -> broken("no rows came"));
            open.next();
        }
    }

    /** It is asked for again after a pause, from where it came to; or anew, where that was in vain. */
    private void broken(String why) {
        brokenOff++;
        vain++;
        again(why, Duration.ZERO);
    }

    /** Its source has no place for it now. That says nothing against what has come. */
    private void refused(Network.StreamEnd end) {
        brokenOff++;
        Duration asked = end.retryDelay().orElse(Duration.ZERO);
        again(end.message(), asked.compareTo(RETRY_DELAY_MAX) > 0 ? RETRY_DELAY_MAX : asked);
    }

    private void again(String why, Duration pauseMin) {
        LOG.warn("the copy of {} shards from {} broke off: {}", asked.count(), source, why);
        closeStream();
        failedInRow++;
        // A whole copy in vain is much work for both.
        int doublings =
                Math.max(Math.min(failedInRow, DOUBLINGS_MAX), Math.min(differedNow * 2, DIFFERED_DOUBLINGS_MAX));
        Duration pause = options.retryMin().multipliedBy(1L << doublings);
        if (dropsWhatWasInVain()) {
            timer = timers.after(pause.compareTo(pauseMin) < 0 ? pauseMin : pause, this::paused);
            feed.goOn();
        }
    }

    /** Whether it could be written; otherwise it is tried again. */
    private boolean dropsWhatWasInVain() {
        Store present = store;
        if (present == null || vain <= VAIN_MAX) {
            return true;
        }
        try {
            // Dropped, not served before nor after: it is copied anew.
            present.copyUnderWay().ifPresent(copy -> present.drop(copy.shards()));
            keep(present, CopyPosition.NONE);
        } catch (RuntimeException e) {
            notWritten(e);
            return false;
        }
        vain = 0;
        feed.dropped();
        return true;
    }

    Counts counts() {
        return new Counts(copied, brokenOff, differed);
    }

    private void closeStream() {
        stopTimer();
        waitsForStart = false;
        ending = false;
        Network.CopyStream open = stream;
        stream = null;
        if (open != null) {
            open.close();
        }
    }

    private void stopTimer() {
        Timers.Pending pending = timer;
        timer = null;
        if (pending != null) {
            pending.cancel();
        }
    }

    /** How far each shard is that is on its way in. */
    List<ShardBootstrap> progress(Shards missing) {
        Store present = store;
        Optional<CopyState> copy = present == null ? Optional.empty() : present.copyUnderWay();
        Shards receiving = copy.map(CopyState::shards).orElse(Shards.NONE);
        Progress.Builder progress = Progress.newBuilder()
                .setStage("bootstrapping shards")
                .setUnit("rows")
                .setDone(copy.map(CopyState::rows).orElse(0L));
        if (estimatedRows > 0) {
            progress.setTotal(estimatedRows);
        }
        Progress told = progress.build();
        return missing.plus(receiving).stream()
                .mapToObj(shard -> receiving.contains(shard)
                        ? ShardBootstrap.newBuilder()
                                .setShard(shard)
                                .setStage(ShardBootstrapStage.SHARD_BOOTSTRAP_STAGE_RECEIVING)
                                .setProgress(told)
                                .build()
                        : ShardBootstrap.newBuilder()
                                .setShard(shard)
                                .setStage(ShardBootstrapStage.SHARD_BOOTSTRAP_STAGE_WAITING)
                                .build())
                .toList();
    }
}
