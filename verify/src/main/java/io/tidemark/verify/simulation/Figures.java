// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.simulation;

/** What is counted of a run, over all processes. */
final class Figures {

    private long rounds;
    private long failedRounds;
    private long roundNanos;
    private long passedOn;
    private long copies;
    private long gained;
    private long given;
    private long stormsBegun;
    private long stormsEnded;

    /** A node's process has ended. */
    void ended(SimulatedNode node) {
        rounds += node.counts().rounds();
        failedRounds += node.counts().failedRounds();
        roundNanos += node.counts().roundNanos();
    }

    void passedOn() {
        passedOn++;
    }

    void copied() {
        copies++;
    }

    /** A replica serves other shards than before. */
    void moved(int more, int fewer) {
        gained += more;
        given += fewer;
    }

    /** How often a replica has begun to serve a shard. */
    long gained() {
        return gained;
    }

    /** How often a replica that runs has ended to serve a shard. */
    long given() {
        return given;
    }

    void stormBegan() {
        stormsBegun++;
    }

    void stormEnded() {
        stormsEnded++;
    }

    /** Reads that replicas passed on to nodes. */
    long passedOnCount() {
        return passedOn;
    }

    /** Copies of shards that were completed, and were what their sources had applied. */
    long copies() {
        return copies;
    }

    long storms() {
        return stormsBegun;
    }

    /** Of leaders that led to the end of the storm, or saw their lead end. */
    long stormsOver() {
        return stormsEnded;
    }

    /** By leaders, of the processes that have ended. */
    long roundsOfThePast() {
        return rounds;
    }

    long failedRoundsOfThePast() {
        return failedRounds;
    }

    long roundNanosOfThePast() {
        return roundNanos;
    }
}
