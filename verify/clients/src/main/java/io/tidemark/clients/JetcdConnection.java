// SPDX-License-Identifier: Apache-2.0
package io.tidemark.clients;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.options.GetOption;
import io.tidemark.bench.Completion;
import io.tidemark.bench.Connection;
import io.tidemark.bench.Endpoint;
import java.util.concurrent.CompletableFuture;

/** A jetcd client, as its users have one: with its defaults, and futures. */
final class JetcdConnection implements Connection {

    private static final GetOption SERIALIZABLE =
            GetOption.builder().withSerializable(true).build();

    private final Client client;
    private final KV kv;

    private JetcdConnection(Client client) {
        this.client = client;
        this.kv = client.getKVClient();
    }

    /** To this server; gets are serializable: from what it has. */
    static JetcdConnection open(Endpoint endpoint) {
        return new JetcdConnection(
                Client.builder().endpoints("http://" + endpoint).build());
    }

    @Override
    public void put(String key, ByteString value, Completion completion) {
        tell(kv.put(sequence(key), ByteSequence.from(value)).thenApply(answer -> true), completion);
    }

    @Override
    public void get(String key, Completion completion) {
        tell(kv.get(sequence(key), SERIALIZABLE).thenApply(answer -> answer.getCount() > 0), completion);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the completion is told
    private static void tell(CompletableFuture<Boolean> present, Completion completion) {
        present.whenComplete((found, failure) -> {
            if (failure == null) {
                completion.answered(found);
            } else {
                completion.failed(failure);
            }
        });
    }

    private static ByteSequence sequence(String key) {
        return ByteSequence.from(ByteString.copyFromUtf8(key));
    }

    @Override
    public void close() {
        client.close();
    }
}
