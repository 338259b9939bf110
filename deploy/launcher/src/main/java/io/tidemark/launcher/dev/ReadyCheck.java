// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;

/** Asks a server, of whatever role, whether it should be sent requests. */
final class ReadyCheck {

    private static final int OK = 200;
    private static final int TIMEOUT_MILLIS = 1_000;

    private ReadyCheck() {}

    static boolean isReady(ServerPlan server) {
        try {
            HttpURLConnection connection =
                    (HttpURLConnection) URI.create(url(server)).toURL().openConnection(Proxy.NO_PROXY);
            connection.setConnectTimeout(TIMEOUT_MILLIS);
            connection.setReadTimeout(TIMEOUT_MILLIS);
            try {
                return connection.getResponseCode() == OK;
            } finally {
                connection.disconnect();
            }
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Where people find out why it is not. */
    static String url(ServerPlan server) {
        return "http://" + server.httpAddress() + "/readyz";
    }
}
