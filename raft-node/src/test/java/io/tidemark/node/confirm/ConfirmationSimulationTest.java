// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ConfirmationSimulationTest {

    private static final int RUNS = 150;
    private static final int STEPS = 1000;

    @Test
    void noConfirmedIndexIsBelowWhatWasAcknowledgedBefore() {
        int confirmations = 0;
        int changes = 0;
        int staleLeaders = 0;
        int unasked = 0;
        for (int seed = 0; seed < RUNS; seed++) {
            SimulatedGroup group = new SimulatedGroup(seed, false);
            group.run(STEPS);
            assertThat(group.violations()).as("seed " + seed).isEmpty();
            confirmations += group.confirmations();
            changes += group.changes();
            staleLeaders += group.staleLeaders();
            unasked += group.unasked();
        }
        // It says something only if there was something to find.
        assertThat(confirmations).isGreaterThan(10 * RUNS);
        assertThat(changes).isGreaterThan(RUNS);
        assertThat(staleLeaders).isGreaterThan(RUNS / 4);
        assertThat(unasked).isGreaterThan(RUNS);
    }

    @Test
    void theSimulationFindsVotersThatConfirmAnything() {
        int found = 0;
        for (int seed = 0; seed < RUNS && found == 0; seed++) {
            SimulatedGroup group = new SimulatedGroup(seed, true);
            group.run(STEPS);
            found += group.violations().size();
        }
        assertThat(found).isPositive();
    }
}
