// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.maintenance;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.DigestDetail;
import io.tidemark.proto.v1.DigestMismatch;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.GetDigestsRequest;
import io.tidemark.proto.v1.GetDigestsResponse;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.MaintenanceGrpc.MaintenanceBlockingStub;
import io.tidemark.proto.v1.Progress;
import io.tidemark.proto.v1.ServerMismatch;
import io.tidemark.proto.v1.ShardDigest;
import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.VerifyDepth;
import io.tidemark.proto.v1.VerifyDigestsRequest;
import io.tidemark.proto.v1.VerifyDigestsResponse;
import io.tidemark.server.call.Workers;
import io.tidemark.server.forward.Channels;
import io.tidemark.server.forward.Origin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Compares the digests of all servers at one index. Works on a worker's thread, which may wait; one comparison at a time. The majority
 * is right: of two servers that differ nobody can say which, so both are named.
 */
public final class DigestComparison {

    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);
    /** While writes go on, servers are at the same index only now and then. */
    private static final int LOOKS_MAX = 50;

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);

    private final String selfId;
    private final Supplier<Topology> topology;
    private final Channels channels;
    private final Workers workers;
    private final AtomicBoolean underWay = new AtomicBoolean();

    public DigestComparison(String selfId, Supplier<Topology> topology, Channels channels, Workers workers) {
        this.selfId = selfId;
        this.topology = topology;
        this.channels = channels;
        this.workers = workers;
    }

    void compare(VerifyDepth depth, StreamObserver<VerifyDigestsResponse> caller) {
        if (!underWay.compareAndSet(false, true)) {
            throw ErrorStatus.of(
                            ErrorReason.ERROR_REASON_OPERATION_IN_PROGRESS,
                            "server " + selfId + " is comparing digests already. Try again when it has ended.")
                    .with(ErrorMetadata.SERVED_BY, selfId)
                    .build()
                    .toException();
        }
        ProgressStream<VerifyDigestsResponse> stream = ProgressStream.to(
                caller,
                now -> VerifyDigestsResponse.newBuilder().setProgress(now).build());
        CompletableFuture<VerifyDigestsResponse> result = new CompletableFuture<>();
        try {
            workers.begin(() -> {
                try {
                    result.complete(new Run(stream).run(depth));
                } catch (Throwable e) {
                    result.completeExceptionally(e);
                } finally {
                    underWay.set(false);
                }
            });
        } catch (RuntimeException e) {
            underWay.set(false);
            throw e;
        }
        stream.run(() -> result, stream::end);
    }

    private final class Run {
        private final ProgressStream<VerifyDigestsResponse> stream;
        private final Map<String, String> addresses = new TreeMap<>();
        private final List<ServerMismatch> mismatches = new ArrayList<>();

        Run(ProgressStream<VerifyDigestsResponse> stream) {
            this.stream = stream;
            Topology known = topology.get();
            known.getNodesList().forEach(node -> addresses.put(node.getNodeId(), node.getInternalAddress()));
            known.getReplicasList()
                    .forEach(replica -> addresses.put(replica.getReplicaId(), replica.getInternalAddress()));
        }

        VerifyDigestsResponse run(VerifyDepth depth) {
            if (depth == VerifyDepth.VERIFY_DEPTH_DISK) {
                addresses.keySet().forEach(this::verifyFromDisk);
            }
            Map<String, GetDigestsResponse> digests = atOneIndex();
            compareAll(digests);
            return VerifyDigestsResponse.newBuilder()
                    .addAllMismatches(mismatches)
                    .setIndex(digests.values().iterator().next().getIndex())
                    .addAllServerIds(digests.keySet())
                    .build();
        }

        private void verifyFromDisk(String serverId) {
            Iterator<VerifyDigestsResponse> answers = asking(serverId)
                    .verifyDigests(VerifyDigestsRequest.newBuilder()
                            .setDepth(VerifyDepth.VERIFY_DEPTH_DISK)
                            .build());
            while (answers.hasNext()) {
                VerifyDigestsResponse answer = answers.next();
                if (answer.hasProgress()) {
                    Progress theirs = answer.getProgress();
                    stream.progress(theirs.toBuilder()
                            .setStage(serverId + ": " + theirs.getStage())
                            .build());
                }
                mismatches.addAll(answer.getMismatchesList());
            }
        }

        private Map<String, GetDigestsResponse> atOneIndex() {
            for (int look = 0; look < LOOKS_MAX; look++) {
                stream.progress(Progress.newBuilder()
                        .setStage("looking for an index that all servers have")
                        .setDone(look)
                        .setTotal(LOOKS_MAX)
                        .setUnit("looks")
                        .build());
                Map<String, GetDigestsResponse> newest = new HashMap<>();
                addresses.keySet().forEach(id -> newest.put(id, ask(id, GetDigestsRequest.newBuilder())));
                long common = newest.values().stream()
                        .mapToLong(GetDigestsResponse::getIndex)
                        .min()
                        .orElse(0);
                if (newest.values().stream().allMatch(digests -> digests.getIndex() == common)) {
                    return newest;
                }
                try {
                    Map<String, GetDigestsResponse> same = new HashMap<>();
                    addresses
                            .keySet()
                            .forEach(id -> same.put(
                                    id, ask(id, GetDigestsRequest.newBuilder().setIndex(common))));
                    return same;
                } catch (StatusRuntimeException e) {
                    pause(e);
                }
            }
            throw ErrorStatus.of(
                            ErrorReason.ERROR_REASON_OPERATION_IN_PROGRESS,
                            "no index was found that all servers keep digests of: one is far behind, or writes go on too"
                                    + " fast. Try again.")
                    .build()
                    .toException();
        }

        /** A server no longer has, or does not have yet, what another has. */
        private void pause(StatusRuntimeException why) {
            try {
                TimeUnit.MILLISECONDS.sleep(BETWEEN_LOOKS.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw why;
            }
        }

        private GetDigestsResponse ask(String serverId, GetDigestsRequest.Builder request) {
            return asking(serverId)
                    .withDeadlineAfter(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
                    .getDigests(request.setDetail(DigestDetail.DIGEST_DETAIL_BUCKETS)
                            .build());
        }

        private MaintenanceBlockingStub asking(String serverId) {
            Metadata headers = Origin.current().forwardedBy(selfId);
            Channel channel = channels.to(addresses.getOrDefault(serverId, ""));
            return MaintenanceGrpc.newBlockingStub(channel)
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
        }

        private void compareAll(Map<String, GetDigestsResponse> digests) {
            Map<Integer, Map<ByteString, List<String>>> byShard = new TreeMap<>();
            digests.forEach((server, answer) -> {
                for (ShardDigest digest : answer.getDigestsList()) {
                    byShard.computeIfAbsent(digest.getShard(), shard -> new HashMap<>())
                            .computeIfAbsent(digest.getDigest(), content -> new ArrayList<>())
                            .add(server);
                }
            });
            byShard.forEach((shard, contents) -> {
                if (contents.size() > 1) {
                    name(shard, contents, digests);
                }
            });
        }

        private void name(int shard, Map<ByteString, List<String>> contents, Map<String, GetDigestsResponse> digests) {
            int servers = contents.values().stream().mapToInt(List::size).sum();
            List<String> right = contents.values().stream()
                    .filter(same -> same.size() > servers / 2)
                    .findFirst()
                    .orElse(List.of());
            contents.values().stream()
                    .filter(same -> !same.equals(right))
                    .forEach(wrong -> wrong.forEach(server -> {
                        String other = right.isEmpty() ? otherThan(server, contents) : right.get(0);
                        mismatches.add(ServerMismatch.newBuilder()
                                .setServerId(server)
                                .setMismatch(difference(
                                        shard,
                                        shardOf(digests.get(server), shard),
                                        shardOf(digests.get(other), shard),
                                        digests))
                                .build());
                    }));
        }

        private String otherThan(String server, Map<ByteString, List<String>> contents) {
            return contents.values().stream()
                    .filter(same -> !same.contains(server))
                    .findFirst()
                    .orElseThrow()
                    .get(0);
        }

        private DigestMismatch difference(
                int shard, ShardDigest here, ShardDigest there, Map<String, GetDigestsResponse> digests) {
            DigestMismatch.Builder mismatch = DigestMismatch.newBuilder()
                    .setIndex(digests.values().iterator().next().getIndex())
                    .setShard(shard);
            int buckets = Math.min(here.getBucketDigestsCount(), there.getBucketDigestsCount());
            for (int bucket = 0; bucket < buckets; bucket++) {
                if (!here.getBucketDigests(bucket).equals(there.getBucketDigests(bucket))) {
                    mismatch.addBuckets(bucket);
                }
            }
            return mismatch.build();
        }

        private ShardDigest shardOf(@Nullable GetDigestsResponse digests, int shard) {
            return Objects.requireNonNull(digests).getDigestsList().stream()
                    .filter(digest -> digest.getShard() == shard)
                    .findFirst()
                    .orElseThrow();
        }
    }
}
