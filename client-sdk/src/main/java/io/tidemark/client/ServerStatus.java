// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * How one server is doing.
 *
 * @param serverId its name
 * @param zone where it stands; may be empty
 * @param softwareVersion what it runs
 * @param uptime since it started
 * @param notReady why it is not ready; empty: it is
 * @param appliedIndex the last index that it has applied
 * @param horizon the oldest index that it can read
 * @param checkpointIndex the last index that is durable in a checkpoint of its
 * @param store how large its store is
 * @param alarms what somebody should look at; empty: nothing
 */
public record ServerStatus(
        String serverId,
        String zone,
        String softwareVersion,
        Duration uptime,
        List<NotReady> notReady,
        long appliedIndex,
        long horizon,
        long checkpointIndex,
        Store store,
        List<Alarm> alarms) {

    public ServerStatus {
        notReady = List.copyOf(notReady);
        alarms = List.copyOf(alarms);
    }

    /** Whether it takes calls. */
    public boolean ready() {
        return notReady.isEmpty();
    }

    /**
     * Why a server is not ready.
     *
     * @param check what was checked
     * @param reason what is wrong
     */
    public record NotReady(String check, String reason) {}

    /**
     * How large a store is.
     *
     * @param rows how many rows there are
     * @param liveBytes what they take
     * @param historyBytes what older versions take
     * @param diskBytes what is on the disk
     * @param diskFreeBytes what is free there
     */
    public record Store(long rows, long liveBytes, long historyBytes, long diskBytes, long diskFreeBytes) {}

    /**
     * Something that needs a look.
     *
     * @param kind such as {@code DIGEST_MISMATCH}
     * @param message what it is
     * @param since since when
     * @param subject what it is about
     */
    public record Alarm(String kind, String message, Instant since, Map<String, String> subject) {
        public Alarm {
            subject = Map.copyOf(subject);
        }
    }
}
