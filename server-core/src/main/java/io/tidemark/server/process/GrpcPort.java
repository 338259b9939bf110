// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.ChannelzService;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.micrometer.core.instrument.MeterRegistry;
import io.tidemark.server.metrics.CallMetrics;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A gRPC port: the role's services, and beside them what generic tools need (reflection in both versions, health, channelz).
 * All of it runs on the threads of the connections, so nothing there may wait.
 */
final class GrpcPort implements AutoCloseable {

    private static final int CHANNELZ_PAGE_SIZE = 100;
    private static final Duration HANDSHAKE_MAX = Duration.ofSeconds(20);
    private static final Duration PING_INTERVAL = Duration.ofMinutes(1);
    private static final Duration PING_TIMEOUT = Duration.ofSeconds(20);

    private final Server server;
    private final HealthStatusManager health;
    private final List<String> serviceNames;
    private final CallsUnderWay calls;

    private GrpcPort(Server server, HealthStatusManager health, List<String> serviceNames, CallsUnderWay calls) {
        this.server = server;
        this.health = health;
        this.serviceNames = serviceNames;
        this.calls = calls;
    }

    /**
     * @param outer interceptors of the role's services, the first being the first to see a call
     * @throws StartException if the port is not to be had
     */
    static GrpcPort open(
            String host,
            PortConfig config,
            List<? extends BindableService> services,
            List<ServerInterceptor> outer,
            MeterRegistry registry) {
        HealthStatusManager health = new HealthStatusManager();
        List<ServerServiceDefinition> roles =
                services.stream().map(BindableService::bindService).toList();
        List<ServerServiceDefinition> tools = tools(health);
        List<ServerServiceDefinition> all = new ArrayList<>(roles);
        all.addAll(tools);
        CallMetrics metrics = new CallMetrics(registry, config.name(), all);
        CallsUnderWay calls = new CallsUnderWay(
                () -> roles.stream().mapToLong(metrics::underWay).sum());
        List<ServerInterceptor> interceptors = new ArrayList<>(List.of(metrics.reasons()));
        interceptors.addAll(outer);
        NettyServerBuilder builder = builder(host, config).addStreamTracerFactory(metrics.tracers());
        roles.forEach(service -> builder.addService(ServerInterceptors.interceptForward(service, interceptors)));
        tools.forEach(service -> builder.addService(ServerInterceptors.intercept(service, metrics.reasons())));
        List<String> names = roles.stream()
                .map(service -> service.getServiceDescriptor().getName())
                .toList();
        GrpcPort port = new GrpcPort(builder.build(), health, names, calls);
        port.report(false);
        try {
            port.server.start();
        } catch (IOException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new StartException(
                    config.name() + ".port " + config.port() + " on " + host + " cannot be opened: "
                            + cause.getMessage(),
                    e);
        }
        return port;
    }

    private static NettyServerBuilder builder(String host, PortConfig config) {
        return NettyServerBuilder.forAddress(new InetSocketAddress(host, config.port()))
                .directExecutor()
                .maxInboundMessageSize(config.messageBytesMax())
                .maxInboundMetadataSize(config.headerBytesMax())
                .maxConcurrentCallsPerConnection(config.callsMax())
                .handshakeTimeout(HANDSHAKE_MAX.toMillis(), TimeUnit.MILLISECONDS)
                .maxConnectionIdle(config.idleMax().toMillis(), TimeUnit.MILLISECONDS)
                // A caller that is gone without a word is found by these, and its calls end.
                .keepAliveTime(PING_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTimeout(PING_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .permitKeepAliveTime(config.keepaliveMin().toMillis(), TimeUnit.MILLISECONDS)
                .permitKeepAliveWithoutCalls(true);
    }

    // Older tools know only the first version of reflection.
    @SuppressWarnings("deprecation")
    private static List<ServerServiceDefinition> tools(HealthStatusManager health) {
        return List.of(
                health.getHealthService().bindService(),
                ProtoReflectionServiceV1.newInstance().bindService(),
                ProtoReflectionService.newInstance().bindService(),
                ChannelzService.newInstance(CHANNELZ_PAGE_SIZE).bindService());
    }

    int port() {
        return server.getPort();
    }

    /** What health says of the server and of each service, until {@link #shutdown}. */
    void report(boolean serving) {
        ServingStatus status = serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, status);
        serviceNames.forEach(name -> health.setStatus(name, status));
    }

    /** Sends new calls elsewhere; those under way go on. */
    void shutdown() {
        health.enterTerminalState();
        server.shutdown();
    }

    /**
     * Waits until no call is under way, for as long as that may take; whether none is. Streams of health and reflection, which
     * have no end of their own, are not waited for.
     */
    boolean awaitCalls(Duration grace) {
        return calls.awaitNone(grace);
    }

    /** Cuts off what is under way. */
    @Override
    public void close() {
        server.shutdownNow();
        try {
            // So that the port is free when this returns, and nobody is called any more.
            boolean unused = server.awaitTermination(HANDSHAKE_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
