// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.KeyValueGrpc.KeyValueBlockingStub;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.Value;
import io.tidemark.proto.v1.ValueForm;
import java.util.concurrent.TimeUnit;

/** The generated blocking stub and nothing around it: what any SDK's lone call is held against. */
public final class StubConnection implements BlockingConnection {

    private final ManagedChannel channel;
    private final KeyValueBlockingStub stub;
    private final TidemarkConnection.Options options;
    private final ReadOptions readOptions;

    private StubConnection(ManagedChannel channel, TidemarkConnection.Options options, ResponseHeader found) {
        this.channel = channel;
        this.stub = KeyValueGrpc.newBlockingStub(channel);
        this.options = options;
        this.readOptions = TidemarkConnection.readOptions(options, found);
    }

    /** Connects, and makes the table if it is not there. Puts carry no request ids. */
    public static StubConnection open(Endpoint endpoint, TidemarkConnection.Options options) {
        ResponseHeader found = TidemarkConnection.createTable(endpoint, options.table());
        return new StubConnection(endpoint.open(), options, found);
    }

    @Override
    public void put(String key, ByteString value) {
        PutResponse unused = stub().put(PutRequest.newBuilder()
                .setTable(options.table())
                .setKey(key)
                .setValue(Value.newBuilder().setBytes(value))
                .build());
    }

    @Override
    public boolean get(String key) {
        return stub().get(GetRequest.newBuilder()
                        .setTable(options.table())
                        .setKey(key)
                        .setReadOptions(readOptions)
                        .setValueForm(ValueForm.VALUE_FORM_BYTES)
                        .build())
                .hasRow();
    }

    private KeyValueBlockingStub stub() {
        return options.timeout().isZero()
                ? stub
                : stub.withDeadlineAfter(options.timeout().toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        ManagedChannel unused = channel.shutdownNow();
    }
}
