// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

import io.grpc.BindableService;
import io.grpc.ClientInterceptor;
import io.micrometer.core.instrument.MeterRegistry;
import io.tidemark.server.time.Timers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a role finds when its process starts, and how it says what it is made of. A role opens the internal port as soon as
 * others need it, the client port last, and adds to {@link Readiness} whatever it waits for. Used by one thread, until {@link
 * ServerRole#open} returns.
 */
public interface Opening {

    ServerConfig config();

    /** The directory, held by this process. */
    Path directory();

    Readiness readiness();

    /** For meters; docs/metrics.md lists them. */
    MeterRegistry metrics();

    /** Real ones, on one thread. */
    Timers timers();

    /** For every channel to another server, so that a call that is passed on keeps its trace. */
    List<ClientInterceptor> clientInterceptors();

    /** Makes {@code /readyz} tell how stale the server is; an empty answer is <em>unknown</em>. */
    void tellStaleness(Supplier<Optional<Duration>> staleness);

    /** Opens the internal port, and gives its number. Health there says SERVING when the server is ready. */
    int openInternalPort(List<? extends BindableService> services);

    /** Opens the client port, and gives its number. Health there says SERVING when the server is ready. */
    int openClientPort(List<? extends BindableService> services);

    /** For people and for those who look for it: another port that the role opened itself. */
    void announcePort(String name, int port);

    /**
     * What to do when a stop begins, before calls are waited for: end streams, which have no end of their own. Called in the
     * order in which they were given.
     */
    void onDrain(Runnable action);

    /**
     * What to close when no call is under way any more, the newest first; and if the start fails. The ports are still open
     * then, for what others ask while this server leaves.
     */
    void onClose(AutoCloseable resource);

    /** Ends the process because it cannot go on; the message is for its operator. From any thread, at any time. */
    void fail(StartException reason);
}
