// SPDX-License-Identifier: Apache-2.0
package io.tidemark.clients;

/** A way to speak to one of the systems. */
enum Contender {
    SDK("Tidemark's SDK"),
    SDK_DIRECT("Tidemark's SDK, futures completed on its own threads"),
    SDK_UNBATCHED("Tidemark's SDK, batching off"),
    RAW("Tidemark without an SDK"),
    STUB("Tidemark's bare stub"),
    JETCD("jetcd on etcd"),
    RAW_ETCD("etcd without an SDK");

    private final String title;

    Contender(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    boolean isEtcd() {
        return this == JETCD || this == RAW_ETCD;
    }
}
