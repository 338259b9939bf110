// SPDX-License-Identifier: Apache-2.0
package io.tidemark.clients;

import io.tidemark.bench.Kind;
import io.tidemark.bench.Plan;
import java.time.Duration;
import java.util.List;

/**
 * One load that some of them are put under, in turns.
 *
 * @param blocking whether callers wait, each a thread of its own, instead of being called back
 * @param byLatency whether it is held against the SDK by its median latency, instead of by its rate
 * @param contenders the SDK first, which the others are held against
 */
record Contest(
        String title, Kind kind, int outstanding, boolean blocking, boolean byLatency, List<Contender> contenders) {

    static final List<Contest> ALL = List.of(
            new Contest(
                    "gets, 256 outstanding (session at one replica; serializable at one member)",
                    Kind.GET,
                    256,
                    false,
                    false,
                    List.of(
                            Contender.SDK,
                            Contender.SDK_DIRECT,
                            Contender.SDK_UNBATCHED,
                            Contender.RAW,
                            Contender.JETCD,
                            Contender.RAW_ETCD)),
            new Contest(
                    "puts, 256 outstanding",
                    Kind.PUT,
                    256,
                    false,
                    false,
                    List.of(
                            Contender.SDK,
                            Contender.SDK_DIRECT,
                            Contender.SDK_UNBATCHED,
                            Contender.RAW,
                            Contender.JETCD,
                            Contender.RAW_ETCD)),
            new Contest(
                    "a lone get, by a caller who waits",
                    Kind.GET,
                    1,
                    true,
                    true,
                    List.of(Contender.SDK, Contender.STUB)));

    Plan plan(Plan.RowShape rows, Duration warmUp, Duration duration) {
        return switch (kind) {
            case PUT -> Plan.puts(rows, outstanding, warmUp, duration);
            case GET -> Plan.gets(rows, outstanding, warmUp, duration);
        };
    }
}
