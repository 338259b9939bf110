// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** The directory remembers what each space keeps: another rule would drop or show the wrong rows without a word. */
final class SpacesTest {
    private static final byte[] KEY = {1};

    private final FaultDisk disk = new FaultDisk();

    private MapDbEngine open(Map<Integer, Retention> spaces) {
        return MapDbEngine.open(disk, EngineOptions.of(spaces));
    }

    @Test
    void shouldRefuseAnotherRetention() {
        try (MapDbEngine engine = open(Map.of(1, Retention.VERSIONED, 200, Retention.LOG))) {
            engine.apply(CommitRows.at(1, KEY).put(200, KEY, KEY));
            engine.checkpoint().join();
        }
        assertThatThrownBy(() -> open(Map.of(1, Retention.VERSIONED, 200, Retention.VERSIONED)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("space 200: VERSIONED (expected: LOG");
        assertThatThrownBy(() -> open(Map.of(200, Retention.LOG)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("space 1: none (expected: VERSIONED");
    }

    @Test
    void shouldTakeNewSpacesAndRememberThem() {
        try (MapDbEngine engine = open(Map.of(1, Retention.VERSIONED))) {
            engine.apply(CommitRows.at(1, KEY).put(1, KEY, KEY));
            engine.checkpoint().join();
        }
        Map<Integer, Retention> more = Map.of(1, Retention.VERSIONED, 2, Retention.LOG, 3, Retention.LATEST);
        try (MapDbEngine engine = open(more)) {
            engine.apply(CommitRows.at(2, KEY).put(2, KEY, KEY).put(3, KEY, KEY));
            engine.checkpoint().join();
        }
        try (MapDbEngine engine = open(more);
                View view = engine.view()) {
            assertThat(view.get(1, KEY)).isNotNull();
            assertThat(view.get(2, KEY)).isNotNull();
            assertThat(view.get(3, KEY)).isNotNull();
        }
        assertThatThrownBy(() -> open(Map.of(1, Retention.VERSIONED, 2, Retention.VERSIONED, 3, Retention.LATEST)))
                .hasMessageContaining("space 2");
        assertThatThrownBy(() -> open(Map.of(1, Retention.VERSIONED, 2, Retention.LOG, 3, Retention.VERSIONED)))
                .hasMessageContaining("space 3: VERSIONED (expected: LATEST");
    }
}
