// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.tidemark.client.internal.routing.Server;

/** One time that a call is sent to a server. */
interface Try {

    Server server();

    /** When it was sent, or joined what will be sent. */
    long sentNanos();

    /** Sends it, at once or with others. */
    void begin();

    /** Nobody waits for it any more. */
    void withdraw();

    /** Whether the server can have received it. Exact once it is withdrawn. */
    boolean mayBeSent();
}
