// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.simulation;

/** A bug that is put in on purpose, to see that it is found. */
enum PlantedFault {
    NONE,
    /** A replica's proofs are dated when their answers came, not when their probes were sent. */
    PROOF_DATED_BY_ITS_ANSWER,
    /** A replica serves what it should own, whether that is here and level or not. */
    SHARD_SERVED_BEFORE_IT_IS_LEVEL,
    /** Whoever is asked confirms every term. */
    CONFIRMATION_OF_ANOTHER_TERM,
    /** A leader confirms by itself, without asking anybody. */
    CONFIRMATION_WITHOUT_A_ROUND,
    /** A replica does not wait for the index that a session has seen. */
    SESSION_FORGOTTEN
}
