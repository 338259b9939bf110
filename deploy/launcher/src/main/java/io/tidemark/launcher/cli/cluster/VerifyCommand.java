// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.cluster;

import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.cli.Fields;
import io.tidemark.launcher.cli.Progress;
import io.tidemark.launcher.cli.ServerConnection;
import io.tidemark.launcher.cli.offline.OfflineCheck;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.ServerMismatch;
import io.tidemark.proto.v1.ServerNotCompared;
import io.tidemark.proto.v1.VerifyDepth;
import io.tidemark.proto.v1.VerifyDigestsRequest;
import io.tidemark.proto.v1.VerifyDigestsResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "verify",
        description = {
            "Compares the digests of the rows of all servers at one index.",
            "It says who differs, in which shard. With --deep each server first computes its own anew from disk, checking every checksum on the way.",
            "With --offline it reads the data directory of one stopped server from end to end instead: every checksum, then the digests.",
            "It ends with 7 if something differs or is damaged, or a server could not be compared."
        },
        footer = {"  tidemark verify", "  tidemark verify --deep", "  tidemark verify --offline=/var/lib/tidemark/n1"})
public final class VerifyCommand extends ViewCommand {

    @Option(names = "--deep", order = 1, description = "Compute the digests from disk first.")
    private boolean deep;

    @Option(
            names = "--offline",
            paramLabel = "DIR",
            order = 2,
            description = "Check the data directory of a server that is stopped.")
    private @Nullable Path directory;

    @Override
    protected int run() throws IOException {
        if (directory != null) {
            OfflineCheck.Result result = OfflineCheck.run(directory, new Progress(streams()));
            output().document(result.fields(), result::text);
            return result.isSound() ? ExitCode.DONE : ExitCode.UNSOUND;
        }
        try (ServerConnection connection = connect()) {
            return compare(connection);
        }
    }

    private int compare(ServerConnection connection) {
        VerifyDigestsRequest request = VerifyDigestsRequest.newBuilder()
                .setDepth(deep ? VerifyDepth.VERIFY_DEPTH_DISK : VerifyDepth.VERIFY_DEPTH_KEPT)
                .build();
        Set<ServerMismatch> mismatches = new LinkedHashSet<>();
        VerifyDigestsResponse last = ProgressStream.follow(
                MaintenanceGrpc.newBlockingStub(connection.channel()).verifyDigests(request),
                new Progress(streams()),
                VerifyDigestsResponse::getProgress,
                message -> mismatches.addAll(message.getMismatchesList()));
        if (last == null || !last.hasIndex()) {
            tell("the check ended without a result: repeat it");
            return ExitCode.FAILED;
        }
        List<ServerMismatch> found = List.copyOf(mismatches);
        output().document(fields(last, found), () -> text(last, found));
        return found.isEmpty() && last.getNotComparedCount() == 0 ? ExitCode.DONE : ExitCode.UNSOUND;
    }

    private static Fields fields(VerifyDigestsResponse last, List<ServerMismatch> mismatches) {
        return Fields.of()
                .with("index", last.getIndex())
                .with("server_ids", last.getServerIdsList())
                .with(
                        "mismatches",
                        mismatches.stream().map(one -> fields(one).toMap()).toList())
                .with(
                        "not_compared",
                        last.getNotComparedList().stream()
                                .map(one -> Fields.of()
                                        .with("server_id", one.getServerId())
                                        .with("why", one.getWhy())
                                        .toMap())
                                .toList());
    }

    private static Fields fields(ServerMismatch one) {
        return Fields.of()
                .with("server_id", one.getServerId())
                .with("index", one.getMismatch().getIndex())
                .with("shard", one.getMismatch().getShard())
                .with("buckets", one.getMismatch().getBucketsList());
    }

    private static String text(VerifyDigestsResponse last, List<ServerMismatch> mismatches) {
        StringBuilder text = new StringBuilder();
        for (ServerMismatch one : mismatches) {
            text.append(
                    one.getServerId() + " DIFFERS in shard " + one.getMismatch().getShard() + " at index "
                            + one.getMismatch().getIndex() + ", buckets "
                            + one.getMismatch().getBucketsList() + "\n");
        }
        for (ServerNotCompared one : last.getNotComparedList()) {
            text.append(one.getServerId() + " was not compared: " + one.getWhy() + "\n");
        }
        text.append("compared at index " + last.getIndex() + ": " + String.join(", ", last.getServerIdsList())
                + (mismatches.isEmpty() ? ", all alike\n" : "\n"));
        return text.toString();
    }
}
