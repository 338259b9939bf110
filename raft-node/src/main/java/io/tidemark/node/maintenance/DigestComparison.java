// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.maintenance;

import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.DigestDetail;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.GetDigestsRequest;
import io.tidemark.proto.v1.GetDigestsResponse;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.MaintenanceGrpc.MaintenanceBlockingStub;
import io.tidemark.proto.v1.Progress;
import io.tidemark.proto.v1.ServerMismatch;
import io.tidemark.proto.v1.ServerNotCompared;
import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.VerifyDepth;
import io.tidemark.proto.v1.VerifyDigestsRequest;
import io.tidemark.proto.v1.VerifyDigestsResponse;
import io.tidemark.server.call.Workers;
import io.tidemark.server.forward.Channels;
import io.tidemark.server.forward.Origin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Compares the digests of all servers at one index. Works on a worker's thread, which may wait; one comparison at a time. A server that
 * cannot take part is named, and the others are compared without it.
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
            workers.begin(() -> run(new Run(stream), depth, result));
        } catch (RuntimeException e) {
            underWay.set(false);
            throw e;
        }
        stream.run(() -> result, stream::end);
    }

    /** The place is given back before the caller is told, who may come again at once. */
    private void run(Run run, VerifyDepth depth, CompletableFuture<VerifyDigestsResponse> result) {
        try {
            VerifyDigestsResponse last = run.run(depth);
            underWay.set(false);
            result.complete(last);
        } catch (Throwable e) {
            underWay.set(false);
            result.completeExceptionally(e);
        }
    }

    private final class Run {
        private final ProgressStream<VerifyDigestsResponse> stream;
        /** Of those that take part. */
        private final Map<String, String> addresses = new TreeMap<>();

        private final Map<String, String> notCompared = new TreeMap<>();
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
                List.copyOf(addresses.keySet()).forEach(this::verifyFromDisk);
            }
            Map<String, GetDigestsResponse> digests = atOneIndex();
            long index = digests.values().iterator().next().getIndex();
            mismatches.addAll(DigestDifferences.between(index, digests));
            VerifyDigestsResponse.Builder last = VerifyDigestsResponse.newBuilder()
                    .addAllMismatches(mismatches)
                    .setIndex(index)
                    .addAllServerIds(digests.keySet());
            notCompared.forEach((id, why) -> last.addNotCompared(
                    ServerNotCompared.newBuilder().setServerId(id).setWhy(why)));
            return last.build();
        }

        private void leaveOut(String serverId, String why) {
            addresses.remove(serverId);
            notCompared.put(serverId, why);
        }

        private void leaveOut(String serverId, StatusRuntimeException why) {
            leaveOut(
                    serverId,
                    ErrorStatus.from(why)
                            .map(ErrorStatus::message)
                            .orElseGet(() -> why.getStatus().getCode() + ": "
                                    + why.getStatus().getDescription()));
        }

        private void verifyFromDisk(String serverId) {
            try {
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
            } catch (StatusRuntimeException e) {
                leaveOut(serverId, e);
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
                Map<String, GetDigestsResponse> newest;
                try {
                    newest = newest(look + 1 == LOOKS_MAX);
                } catch (StatusRuntimeException notYet) {
                    pause(notYet);
                    continue;
                }
                long common = newest.values().stream()
                        .mapToLong(GetDigestsResponse::getIndex)
                        .min()
                        .orElseThrow(() -> noneTakesPart());
                if (newest.values().stream().allMatch(digests -> digests.getIndex() == common)) {
                    return newest;
                }
                try {
                    Map<String, GetDigestsResponse> same = new TreeMap<>();
                    newest.keySet()
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
                    .toException();
        }

        /**
         * What those who take part have; who does not answer, or keeps digests that cannot be compared, is left out from now on.
         *
         * @param isLast whether one that has just begun, and keeps none yet, is left out as well
         * @throws StatusRuntimeException if one keeps none yet
         */
        private Map<String, GetDigestsResponse> newest(boolean isLast) {
            Map<String, GetDigestsResponse> newest = new TreeMap<>();
            for (String id : List.copyOf(addresses.keySet())) {
                try {
                    newest.put(id, ask(id, GetDigestsRequest.newBuilder()));
                } catch (StatusRuntimeException e) {
                    if (!isLast && keepsNoneYet(e)) {
                        throw e;
                    }
                    leaveOut(id, e);
                }
            }
            int version = newest.values().stream()
                    .mapToInt(GetDigestsResponse::getDigestVersion)
                    .max()
                    .orElse(0);
            newest.entrySet().removeIf(answer -> {
                int theirs = answer.getValue().getDigestVersion();
                if (theirs == version) {
                    return false;
                }
                leaveOut(answer.getKey(), "it keeps digests of version " + theirs + ", others of " + version);
                return true;
            });
            return newest;
        }

        private static boolean keepsNoneYet(StatusRuntimeException why) {
            return ErrorStatus.from(why)
                    .filter(status -> status.reason() == ErrorReason.ERROR_REASON_INDEX_NOT_REACHED)
                    .isPresent();
        }

        private StatusRuntimeException noneTakesPart() {
            return ErrorStatus.of(
                            ErrorReason.ERROR_REASON_STOPPING,
                            "no server could be asked for its digests: " + notCompared + ". Try again.")
                    .toException();
        }

        /** A server no longer has, or does not have yet, what another has. */
        private static void pause(StatusRuntimeException why) {
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
    }
}
