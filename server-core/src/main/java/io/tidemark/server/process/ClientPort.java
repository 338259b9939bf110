// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.ChannelzService;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The client port: the role's services, and beside them what generic tools need (reflection in both versions, health,
 * channelz). Health says SERVING between {@link #serve} and {@link #drain} only.
 */
final class ClientPort implements AutoCloseable {

    private static final int CHANNELZ_PAGE_SIZE = 100;

    private final Server server;
    private final HealthStatusManager health;
    private final List<String> serviceNames;
    private final CallsUnderWay calls;

    private ClientPort(Server server, HealthStatusManager health, List<String> serviceNames, CallsUnderWay calls) {
        this.server = server;
        this.health = health;
        this.serviceNames = serviceNames;
        this.calls = calls;
    }

    // Older tools know only the first version of reflection.
    @SuppressWarnings("deprecation")
    static ClientPort open(ServerConfig config, List<BindableService> services) {
        HealthStatusManager health = new HealthStatusManager();
        NettyServerBuilder builder = NettyServerBuilder.forAddress(
                        new InetSocketAddress(config.host(), config.clientPort()))
                .maxInboundMessageSize(config.clientRequestBytesMax())
                .permitKeepAliveTime(config.clientKeepaliveMin().toMillis(), TimeUnit.MILLISECONDS)
                .permitKeepAliveWithoutCalls(true)
                .addService(health.getHealthService())
                .addService(ProtoReflectionServiceV1.newInstance())
                .addService(ProtoReflectionService.newInstance())
                .addService(ChannelzService.newInstance(CHANNELZ_PAGE_SIZE));
        CallsUnderWay calls = new CallsUnderWay();
        services.forEach(service -> builder.addService(ServerInterceptors.intercept(service, calls)));
        List<String> names = services.stream()
                .map(service -> service.bindService().getServiceDescriptor().getName())
                .toList();
        ClientPort port = new ClientPort(builder.build(), health, names, calls);
        port.report(ServingStatus.NOT_SERVING);
        try {
            port.server.start();
        } catch (IOException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new StartException(
                    "client.port " + config.clientPort() + " on " + config.host() + " cannot be opened: "
                            + cause.getMessage(),
                    e);
        }
        return port;
    }

    int port() {
        return server.getPort();
    }

    /** From here on health says SERVING. */
    void serve() {
        report(ServingStatus.SERVING);
    }

    /**
     * Sends new calls elsewhere and lets those under way end, for as long as that may take; whether they all did. Streams of
     * health and reflection, which have no end of their own, are not waited for.
     */
    boolean drain(Duration grace) {
        health.enterTerminalState();
        server.shutdown();
        return calls.awaitNone(grace);
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    private void report(ServingStatus status) {
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, status);
        serviceNames.forEach(name -> health.setStatus(name, status));
    }
}
