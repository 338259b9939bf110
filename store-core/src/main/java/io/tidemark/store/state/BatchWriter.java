// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.proto.v1.Table;
import io.tidemark.store.LogTime;
import io.tidemark.store.format.Spaces;
import io.tidemark.store.proto.v1.RequestRecord;
import io.tidemark.store.transition.Registry;
import io.tidemark.store.transition.SystemChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What all writers of one batch share: the commits written so far and the rows as they are with them. */
abstract class BatchWriter {

    private final Batch batch;
    private final CommitWriter commits;
    private final List<CommitWriter.Written> written = new ArrayList<>();
    private final List<RequestRecord> remembered = new ArrayList<>();
    private final Registry registryBefore;
    private StoreSettings settings;
    private int transitionVersion;

    BatchWriter(StoredState state, Progress before) {
        this.batch = new Batch(before.sequence());
        this.commits = new CommitWriter(batch, state::row);
        this.settings = state.settings();
        this.registryBefore = state.registry();
        this.transitionVersion = before.transitionVersion();
    }

    final Batch batch() {
        return batch;
    }

    final CommitWriter commits() {
        return commits;
    }

    final List<CommitWriter.Written> written() {
        return written;
    }

    /** Takes over what a commit changed of the settings and the version; nothing else. */
    final void take(SystemChange change) {
        if (change instanceof SystemChange.VersionRaised raised) {
            transitionVersion = raised.transitionVersion();
        } else if (change instanceof SystemChange.SettingsChanged changed) {
            settings = changed.settings();
            batch.putLatest(Spaces.META, StoreFile.SETTINGS, settings.toByteArray());
        }
    }

    /** The requests that it remembers, in the order of the window. */
    final List<RequestRecord> remembered() {
        return remembered;
    }

    /** Tables as they are after the batch, of those that it changed; null: it is gone. */
    final Map<String, @Nullable Table> changedTables() {
        return commits.changedTables();
    }

    /** As it is after the batch. */
    Registry registry() {
        return registryBefore;
    }

    final StoreSettings settings() {
        return settings;
    }

    final int transitionVersion() {
        return transitionVersion;
    }

    final @Nullable LogTime firstExpiry() {
        return commits.firstExpiry();
    }
}
