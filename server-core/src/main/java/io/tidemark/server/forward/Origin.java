// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.forward;

import io.grpc.Context;
import io.grpc.Metadata;
import org.jspecify.annotations.Nullable;

/**
 * Where a call comes from. It is part of the call's gRPC context, and travels in metadata that only the internal port honours.
 *
 * @param hops how often it was forwarded
 * @param forwardedBy the ids of the servers that did, separated by commas; for logs
 * @param caller who is asking, as the server that took the call from outside established it; null: nobody asked
 */
public record Origin(int hops, String forwardedBy, @Nullable String caller) {

    /** A replica forwards to a node, and a node to the leader. */
    public static final int HOPS_MAX = 2;

    /** Straight from a client whose identity was not asked for. */
    public static final Origin CLIENT = new Origin(0, "", null);

    private static final Metadata.Key<String> HOPS = key("tidemark-hops");
    private static final Metadata.Key<String> FORWARDED_BY = key("tidemark-forwarded-by");
    private static final Metadata.Key<String> CALLER = key("tidemark-caller");
    private static final Context.Key<Origin> CURRENT = Context.keyWithDefault("tidemark-origin", CLIENT);

    public Origin {
        if (hops < 0) {
            throw new IllegalArgumentException("hops: " + hops + " (expected: >= 0)");
        }
    }

    private static Metadata.Key<String> key(String name) {
        return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    }

    /** That of the current call. */
    public static Origin current() {
        return CURRENT.get();
    }

    /** The context with this origin. */
    public Context in(Context context) {
        return context.withValue(CURRENT, this);
    }

    public boolean mayBeForwarded() {
        return hops < HOPS_MAX;
    }

    /** What the next server is told when that one passes the call on. */
    public Metadata forwardedBy(String serverId) {
        Metadata headers = new Metadata();
        headers.put(HOPS, Integer.toString(hops + 1));
        headers.put(FORWARDED_BY, forwardedBy.isEmpty() ? serverId : forwardedBy + "," + serverId);
        if (caller != null) {
            headers.put(CALLER, caller);
        }
        return headers;
    }

    static Origin of(Metadata headers) {
        String servers = headers.get(FORWARDED_BY);
        return new Origin(hops(headers.get(HOPS)), servers == null ? "" : servers, headers.get(CALLER));
    }

    /** What cannot be read counts as the most: the call then goes no further. */
    private static int hops(@Nullable String text) {
        if (text == null) {
            return 0;
        }
        try {
            int hops = Integer.parseInt(text);
            return hops < 0 ? HOPS_MAX : hops;
        } catch (NumberFormatException e) {
            return HOPS_MAX;
        }
    }
}
