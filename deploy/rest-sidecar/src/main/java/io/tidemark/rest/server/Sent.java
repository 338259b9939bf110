// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.server;

import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.logging.RequestLog;

/** What requests are said to have ended with. */
final class Sent {

    private Sent() {}

    /** To whom nothing could be sent is one who hung up. */
    static HttpStatus status(RequestLog log) {
        HttpStatus status = log.responseHeaders().status();
        return status.equals(HttpStatus.UNKNOWN) ? HttpStatus.CLIENT_CLOSED_REQUEST : status;
    }
}
