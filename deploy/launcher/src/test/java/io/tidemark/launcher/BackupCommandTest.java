// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.BackupRequest;
import io.tidemark.proto.v1.BackupResponse;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.GetTopologyRequest;
import io.tidemark.proto.v1.GetTopologyResponse;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.ResponseHeader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupCommandTest {

    private static final int BAD_USAGE = 2;

    @TempDir
    private Path directory = Path.of("replaced by JUnit");

    private final BreakingServer service = new BreakingServer();
    private String out = "";
    private String err = "";
    private Server server = NettyServerBuilder.forPort(0).build();

    /** Breaks the first stream behind a place to go on from, and bytes behind that. */
    private static final class BreakingServer extends MaintenanceGrpc.MaintenanceImplBase {
        final List<String> tokens = Collections.synchronizedList(new ArrayList<>());
        volatile Optional<StatusRuntimeException> atResume = Optional.empty();

        @Override
        public void backup(BackupRequest request, StreamObserver<BackupResponse> observer) {
            tokens.add(request.getResumeToken());
            if (!request.hasResumeToken()) {
                observer.onNext(message("header ", "").toBuilder()
                        .setHeader(ResponseHeader.newBuilder()
                                .setReadIndex(7)
                                .setHistoryId("0123456789abcdef")
                                .setServedBy("n1"))
                        .build());
                observer.onNext(message("rows ", "behind rows"));
                observer.onNext(message("to be cut", ""));
                observer.onError(Status.UNAVAILABLE.asRuntimeException());
            } else if (atResume.isEmpty()) {
                observer.onNext(message("more rows ", "behind more rows"));
                observer.onNext(message("trailer", ""));
                observer.onCompleted();
            } else {
                observer.onError(atResume.get());
            }
        }

        private static BackupResponse message(String data, String token) {
            return BackupResponse.newBuilder()
                    .setData(ByteString.copyFromUtf8(data))
                    .setResumeToken(token)
                    .build();
        }
    }

    /** Whom the command asks first, to know that it is there. */
    private static final class SomeCluster extends ClusterGrpc.ClusterImplBase {
        @Override
        public void getTopology(GetTopologyRequest request, StreamObserver<GetTopologyResponse> observer) {
            observer.onNext(GetTopologyResponse.getDefaultInstance());
            observer.onCompleted();
        }
    }

    @BeforeEach
    void start() throws Exception {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(service)
                .addService(new SomeCluster())
                .build()
                .start();
    }

    @AfterEach
    void stop() {
        server.shutdownNow();
    }

    private Path file() {
        return directory.resolve("backup");
    }

    private int backup() {
        Cli.Run run = new Cli("--endpoints=127.0.0.1:" + server.getPort()).run("backup", "--out=" + file());
        out = run.out();
        err = run.err();
        return run.code();
    }

    @Test
    void shouldGoOnWhereABrokenStreamLeftIt() throws Exception {
        assertThat(backup()).as(err).isZero();

        assertThat(Files.readString(file())).isEqualTo("header rows more rows trailer");
        assertThat(service.tokens).containsExactly("", "behind rows");
        assertThat(directory.resolve("backup.partial")).doesNotExist();
        assertThat(out).contains("index 7 of history 0123456789abcdef, from n1");
        assertThat(err).contains("the stream broke (UNAVAILABLE); trying to go on at byte 12");
    }

    @Test
    void shouldLeaveNoFileOfAnUnfinishedBackup() {
        service.atResume = Optional.of(Status.OUT_OF_RANGE
                .withDescription("the state is not held any more; begin the backup anew")
                .asRuntimeException());

        assertThat(backup()).isEqualTo(Tidemark.FAILED);

        assertThat(file()).doesNotExist();
        assertThat(err).contains("begin the backup anew");
    }

    /** Without the SDK, the reasons of servers count alike. */
    @Test
    void shouldSayWhoseFaultARefusalIs() {
        service.atResume = Optional.of(ErrorStatus.of(ErrorReason.ERROR_REASON_BAD_PAGE_TOKEN, "no token of ours")
                .toException());
        assertThat(backup()).isEqualTo(BAD_USAGE);

        service.atResume = Optional.of(
                ErrorStatus.of(ErrorReason.ERROR_REASON_UNSUPPORTED, "not here").toException());
        assertThat(backup()).isEqualTo(Tidemark.FAILED);
    }

    @Test
    void shouldNotReplaceAFile() throws Exception {
        Files.writeString(file(), "an earlier backup");

        assertThat(backup()).isEqualTo(BAD_USAGE);

        assertThat(Files.readString(file())).isEqualTo("an earlier backup");
        assertThat(service.tokens).isEmpty();
    }
}
