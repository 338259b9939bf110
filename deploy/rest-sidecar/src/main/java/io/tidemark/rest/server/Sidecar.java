// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.server;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.common.encoding.StreamEncoderFactories;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServerPort;
import com.linecorp.armeria.server.cors.CorsService;
import com.linecorp.armeria.server.cors.CorsServiceBuilder;
import com.linecorp.armeria.server.encoding.EncodingService;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemark.client.BackPressure;
import io.tidemark.client.Consistency;
import io.tidemark.client.TidemarkClient;
import io.tidemark.client.internal.gateway.Gateway;
import io.tidemark.client.micrometer.MicrometerObserver;
import io.tidemark.rest.config.SidecarConfig;
import io.tidemark.rest.kv.Sessions;
import io.tidemark.rest.openapi.Pages;
import io.tidemark.rest.resource.ResourceFile;
import io.tidemark.rest.resource.ResourceSpec;
import io.tidemark.rest.routing.Exchange;
import io.tidemark.rest.routing.Handler;
import io.tidemark.rest.routing.PathTemplate;
import io.tidemark.rest.routing.Route;
import io.tidemark.rest.routing.Router;
import io.tidemark.rest.watch.Watchers;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A sidecar that runs: HTTP for users on one port, metrics and health on another. */
public final class Sidecar implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Sidecar.class);

    private static final Duration QUIET = Duration.ofMillis(100);

    private static final String[] EXPOSED = {
        "ETag",
        "Age",
        "Link",
        "Location",
        "Retry-After",
        "Tidemark-Index",
        "Tidemark-Session",
        "Tidemark-Staleness-Ms",
        "Tidemark-Served-By",
        "Tidemark-Unmet",
        "Tidemark-Reason",
        "Tidemark-Replayed",
        "Tidemark-Deleted-Rows"
    };

    private final TidemarkClient client;
    private final Server server;
    private final Watchers watchers;
    private final Health health;
    private final ProcessMetrics process;
    private final int restPort;
    private final int httpPort;

    private Sidecar(
            TidemarkClient client,
            Server server,
            Watchers watchers,
            Health health,
            ProcessMetrics process,
            int restPort,
            int httpPort) {
        this.client = client;
        this.server = server;
        this.watchers = watchers;
        this.health = health;
        this.process = process;
        this.restPort = restPort;
        this.httpPort = httpPort;
    }

    /**
     * Starts one, and returns when it takes requests.
     *
     * @throws io.tidemark.rest.config.ConfigurationException if its resources are wrong
     * @throws StartException if a port is taken
     */
    public static Sidecar start(SidecarConfig config) {
        List<ResourceSpec> resources = ResourceFile.readAll(config.resourceFiles());
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        TidemarkClient client = client(config, registry);
        try {
            return start(config, resources, client, registry);
        } catch (RuntimeException e) {
            client.close();
            throw e;
        }
    }

    private static TidemarkClient client(SidecarConfig config, PrometheusMeterRegistry registry) {
        TidemarkClient.Builder builder = TidemarkClient.builder()
                .endpoints(config.endpoints())
                .deadline(config.requests().deadline())
                .consistency(Consistency.maxStaleness(config.reads().maxStaleness()))
                .hedging(config.reads().hedged())
                // Its callers are event loops, which must not wait.
                .backPressure(BackPressure.FAIL)
                .observer(new MicrometerObserver(registry));
        if (!config.zone().isEmpty()) {
            builder.zone(config.zone());
        }
        return builder.build();
    }

    private static Sidecar start(
            SidecarConfig config,
            List<ResourceSpec> resources,
            TidemarkClient client,
            PrometheusMeterRegistry registry) {
        Gateway gateway = Gateway.of(client);
        Watchers watchers =
                new Watchers(config.watches().max(), config.watches().unreadBytesMax());
        Health health = new Health(gateway, config.readyMaxStaleness());
        RequestMetrics metrics = new RequestMetrics(registry);
        metrics.watches(watchers::count);
        Exchange.Deadlines deadlines = new Exchange.Deadlines(
                config.requests().deadline(), config.requests().deadlineMax());

        Sessions sessions = new Sessions(config.sessionCookie(), config.sessionCookieSecure());
        List<Route> operating = List.of(
                route("/healthz", health::alive),
                route("/readyz", health::ready),
                route("/metrics", exchange -> metrics(exchange, registry)));
        List<Route> routes =
                new ArrayList<>(new ContractRoutes(client, gateway, config, sessions, watchers).routes(resources));
        routes.addAll(operating.subList(0, 2));
        routes.addAll(new Pages(resources).routes());

        int requestsMax = config.requests().concurrentMax();
        Bodies bodies = new Bodies(
                config.requests().pendingBytesMax(), config.requests().bodyBytesMax());
        Unread unread = new Unread(config.requests().unreadBytesMax());
        Front users = new Front(new Router(routes), sessions, deadlines, requestsMax, bodies, unread, metrics);
        metrics.underWay(users::underWay);
        metrics.bodies(bodies::bytes);
        metrics.unread(unread::bytes);
        // Whoever watches over it is answered though others take nothing.
        Front operators = new Front(
                new Router(operating), sessions, deadlines, requestsMax, bodies, new Unread(Long.MAX_VALUE), metrics);
        ServerPort restPort =
                new ServerPort(new InetSocketAddress(config.host(), config.restPort()), SessionProtocol.HTTP);
        ServerPort httpPort =
                new ServerPort(new InetSocketAddress(config.host(), config.httpPort()), SessionProtocol.HTTP);
        PortService byPort = new PortService(packed(users, config.corsOrigins()), operators);
        ServerBuilder builder = Server.builder();
        limit(builder, config);
        builder.port(restPort)
                .port(httpPort)
                .errorHandler(new ProblemErrors())
                .disableServerHeader()
                .childChannelPipelineCustomizer(Connections::configure)
                .serviceUnder("/", byPort);
        if (config.accessLog() != SidecarConfig.AccessLogForm.NONE) {
            builder.accessLogWriter(new AccessLog(config.accessLog(), System.err), true);
        }
        Server server = builder.build();
        try {
            server.start().join();
        } catch (CompletionException e) {
            throw new StartException(config.host() + ", ports " + config.restPort() + " and " + config.httpPort()
                    + ": cannot be bound: " + e.getCause() + " (expected: rest.port and http.port that are free)");
        }
        Sidecar sidecar = new Sidecar(
                client,
                server,
                watchers,
                health,
                new ProcessMetrics(registry),
                bound(server, config.restPort(), 0),
                bound(server, config.httpPort(), 1));
        byPort.operatorsAt(sidecar.httpPort);
        log.info(
                "serving http://{}:{} (metrics and health: port {}) from {}",
                config.host(),
                sidecar.restPort,
                sidecar.httpPort,
                config.endpoints());
        return sidecar;
    }

    /** A port cannot be told from the other where both were free choices: the server binds them in their order. */
    private static int bound(Server server, int asked, int place) {
        return asked != 0
                ? asked
                : List.copyOf(server.activePorts().keySet()).get(place).getPort();
    }

    private static void limit(ServerBuilder builder, SidecarConfig config) {
        builder.maxRequestLength(config.requests().bodyBytesMax())
                .http1MaxHeaderSize(config.requests().headerBytesMax())
                .http1MaxInitialLineLength(config.requests().lineBytesMax())
                .http2MaxHeaderListSize(config.requests().headerBytesMax())
                .http2MaxStreamsPerConnection(config.requests().concurrentMax())
                .maxNumConnections(config.requests().connectionsMax())
                .requestTimeout(config.requests().deadlineMax().plusSeconds(5))
                .idleTimeout(Duration.ofMinutes(5))
                .gracefulShutdownTimeout(quiet(config.stopGrace()), config.stopGrace());
    }

    /** For so long no request may come before it ends. Without any, the HTTP server waits for no request at all. */
    private static Duration quiet(Duration grace) {
        return grace.compareTo(QUIET) < 0 ? grace : QUIET;
    }

    private static HttpService packed(Front users, List<String> corsOrigins) {
        HttpService packed = Vary.kept(users, inner -> inner.decorate(gzip()).decorate(PackedTags::new));
        // What nobody can pack needs no look at whether it was packed.
        HttpService asAsked = new IfPacked(packed, users);
        return corsOrigins.isEmpty() ? asAsked : Vary.kept(asAsked, inner -> inner.decorate(cors(corsOrigins)));
    }

    private static Function<? super HttpService, EncodingService> gzip() {
        return EncodingService.builder()
                .encoderFactories(StreamEncoderFactories.GZIP)
                .minBytesToForceChunkedEncoding(1024)
                .encodableContentTypes(type -> !type.belongsTo(MediaType.EVENT_STREAM)
                        && (type.is(MediaType.ANY_TEXT_TYPE)
                                || type.isJson()
                                || type.subtype().endsWith("jsonl")))
                .newDecorator();
    }

    private static Function<? super HttpService, CorsService> cors(List<String> origins) {
        CorsServiceBuilder builder =
                origins.contains("*") ? CorsService.builderForAnyOrigin() : CorsService.builder(origins);
        return builder.allowRequestMethods(
                        HttpMethod.GET,
                        HttpMethod.HEAD,
                        HttpMethod.PUT,
                        HttpMethod.PATCH,
                        HttpMethod.POST,
                        HttpMethod.DELETE)
                .allowAllRequestHeaders(true)
                .exposeHeaders(EXPOSED)
                .maxAge(600)
                .newDecorator();
    }

    private static Route route(String path, Handler handler) {
        return new Route(HttpMethod.GET, PathTemplate.parse(path), path, handler);
    }

    private static CompletableFuture<HttpResponse> metrics(Exchange exchange, PrometheusMeterRegistry registry) {
        exchange.allowParameters(List.of());
        ResponseHeaders headers = ResponseHeaders.builder(HttpStatus.OK)
                .contentType(MediaType.parse("text/plain; version=0.0.4; charset=utf-8"))
                .set(HttpHeaders.of("cache-control", "no-store"))
                .build();
        return CompletableFuture.completedFuture(HttpResponse.of(headers, HttpData.ofUtf8(registry.scrape())));
    }

    /** The port for users. */
    public int restPort() {
        return restPort;
    }

    /** The port for metrics and health. */
    public int httpPort() {
        return httpPort;
    }

    /** Is not ready any more, sends watchers elsewhere, lets requests end, and ends. */
    @Override
    public void close() {
        health.stop();
        watchers.close();
        server.stop().join();
        client.close();
        process.close();
        log.info("stopped");
    }
}
