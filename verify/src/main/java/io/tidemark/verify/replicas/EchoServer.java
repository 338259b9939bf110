// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.replicas;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.CreateTableRequest;
import io.tidemark.proto.v1.CreateTableResponse;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.ServerRole;
import io.tidemark.proto.v1.TopologyVersion;
import io.tidemark.proto.v1.Value;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * The limit: a gRPC server as bare as can be, which takes the same requests as a replica and answers all of them with one message
 * of the size of a replica's answer. It parses and serializes, and does nothing else.
 */
public final class EchoServer {

    private EchoServer() {}

    /**
     * Serves until it is killed.
     *
     * @param args the port on the loopback interface, and the length of the value
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        int port = Integer.parseInt(args[0]);
        GetResponse answer = answer(Integer.parseInt(args[1]));
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .directExecutor()
                .addService(new Gets(answer))
                .addService(new Tables(answer.getHeader()))
                .build()
                .start();
        server.awaitTermination();
    }

    private static GetResponse answer(int valueBytes) {
        ResponseHeader header = ResponseHeader.newBuilder()
                .setHistoryId("pr7askbcrfj8zqg0")
                .setServedBy("r1")
                .setServedByRole(ServerRole.SERVER_ROLE_REPLICA)
                .setAppliedIndex(1_000_000)
                .setReadIndex(1_000_000)
                .setStaleness(com.google.protobuf.Duration.newBuilder().setNanos(38_123_456))
                .setTerm(3)
                .setTopologyVersion(
                        TopologyVersion.newBuilder().setTerm(3).setEpoch(5).build())
                .build();
        Row row = Row.newBuilder()
                .setTable("replicas")
                .setKey("0000000000012345")
                .setValue(Value.newBuilder()
                        .setBytes(ByteString.copyFrom(new byte[valueBytes]))
                        .setContentType("application/octet-stream"))
                .setVersion(9)
                .setCreatedIndex(12_345)
                .setModifiedIndex(987_654)
                .setModifiedTime(com.google.protobuf.Timestamp.newBuilder()
                        .setSeconds(1_790_000_000)
                        .setNanos(123_456_789))
                .build();
        return GetResponse.newBuilder().setHeader(header).setRow(row).build();
    }

    private static final class Gets extends KeyValueGrpc.KeyValueImplBase {
        private final GetResponse answer;

        Gets(GetResponse answer) {
            this.answer = answer;
        }

        @Override
        public void get(GetRequest request, StreamObserver<GetResponse> caller) {
            caller.onNext(answer);
            caller.onCompleted();
        }
    }

    /** Load generators make their table first. */
    private static final class Tables extends ClusterGrpc.ClusterImplBase {
        private final ResponseHeader header;

        Tables(ResponseHeader header) {
            this.header = header;
        }

        @Override
        public void createTable(CreateTableRequest request, StreamObserver<CreateTableResponse> caller) {
            caller.onNext(CreateTableResponse.newBuilder().setHeader(header).build());
            caller.onCompleted();
        }
    }
}
