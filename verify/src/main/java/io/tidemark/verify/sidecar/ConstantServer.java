// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.sidecar;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.Server;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** The limit: a server of the sidecar's HTTP library that answers every request with the same body, and does nothing else. */
public final class ConstantServer {

    private ConstantServer() {}

    /**
     * Serves until it is killed.
     *
     * @param args the port on the loopback interface, and the length of the body
     */
    public static void main(String[] args) throws InterruptedException {
        byte[] body = "x".repeat(Integer.parseInt(args[1])).getBytes(StandardCharsets.US_ASCII);
        Server server = Server.builder()
                .http(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0])))
                .disableServerHeader()
                .serviceUnder(
                        "/",
                        (context, request) ->
                                HttpResponse.of(HttpStatus.OK, MediaType.OCTET_STREAM, HttpData.wrap(body)))
                .build();
        server.start().join();
        server.blockUntilShutdown();
    }
}
