// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.upkeep;

import com.google.protobuf.Timestamp;
import io.tidemark.api.ProtoTimes;
import io.tidemark.proto.v1.Alarm;
import io.tidemark.proto.v1.AlarmKind;
import io.tidemark.server.time.Ticker;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What somebody should look at, until it is mended. Thread-safe. */
public final class Alarms {

    /** Whoever has so many needs no more to begin with. */
    private static final int COUNT_MAX = 1000;

    private record Cause(AlarmKind kind, Map<String, String> subject) {}

    private final Ticker ticker;
    private final Map<Cause, Alarm> raised = new LinkedHashMap<>();

    public Alarms(Ticker ticker) {
        this.ticker = ticker;
    }

    /**
     * Raises an alarm; one that is raised already keeps its time and takes the new message.
     *
     * @param subject what it is about: a file, a shard, a node
     */
    public synchronized void raise(AlarmKind kind, Map<String, String> subject, String message) {
        Cause cause = new Cause(kind, Map.copyOf(subject));
        Alarm known = raised.get(cause);
        if (known == null && raised.size() >= COUNT_MAX) {
            return;
        }
        Timestamp since = known == null ? now() : known.getSince();
        raised.put(
                cause,
                Alarm.newBuilder()
                        .setKind(kind)
                        .setMessage(message)
                        .setSince(since)
                        .putAllSubject(cause.subject)
                        .build());
    }

    /** Does nothing if there is no such alarm. */
    public synchronized void clear(AlarmKind kind, Map<String, String> subject) {
        raised.remove(new Cause(kind, Map.copyOf(subject)));
    }

    /** The longest raised first. */
    public synchronized List<Alarm> raised() {
        return List.copyOf(raised.values());
    }

    private Timestamp now() {
        return ProtoTimes.timestamp(ticker.now().wallNanos());
    }
}
