// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.server;

import com.linecorp.armeria.common.logging.RequestLog;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Each request as a line: who, what, how it ended, how large and how long. Parameters stay out: they hold keys. */
final class AccessLog {

    private static final Logger log = LoggerFactory.getLogger("tidemark.access");

    private AccessLog() {}

    static void write(RequestLog request) {
        String path = request.requestHeaders().path();
        int query = path.indexOf('?');
        log.info(
                "{} {} {} {} {} bytes {} ms",
                request.context().remoteAddress(),
                request.requestHeaders().method(),
                oneLine(query < 0 ? path : path.substring(0, query)),
                request.responseHeaders().status().code(),
                request.responseLength(),
                TimeUnit.NANOSECONDS.toMillis(request.totalDurationNanos()));
    }

    /** Whatever somebody sends as a path, it begins no line of its own. */
    private static String oneLine(String path) {
        for (int i = 0; i < path.length(); i++) {
            if (Character.isISOControl(path.charAt(i))) {
                return path.replaceAll("\\p{Cntrl}", "?");
            }
        }
        return path;
    }
}
