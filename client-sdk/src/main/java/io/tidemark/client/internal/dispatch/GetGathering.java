// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.tidemark.client.internal.failure.AttemptFailure;
import io.tidemark.client.internal.failure.Verdict;
import io.tidemark.client.internal.routing.Server;
import io.tidemark.proto.v1.BatchGetRequest;
import io.tidemark.proto.v1.BatchGetResponse;
import io.tidemark.proto.v1.BatchGetResult;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.Limits;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.RowKey;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.ValueForm;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads of rows, with equal asks, on their way to one server. What travels together is read under the highest floor, so that those whose
 * floor the server may have to wait for travel apart from those that it can answer at once.
 */
final class GetGathering extends Gathering<GetResponse, GetMember> {

    /** One is read by the server while the next is on its way. */
    private static final int UNDER_WAY_ENOUGH = 2;

    private final Kind kind;

    /**
     * Which reads travel together.
     *
     * @param ask but for its floor
     * @param waits whether the server may have to wait for the index that it needs
     * @param hurried whether the server must say before the deadline that it cannot meet the asks
     */
    record Kind(ReadAsk ask, RowView view, boolean waits, boolean hurried) {

        boolean isLike(Kind other) {
            return view == other.view
                    && waits == other.waits
                    && hurried == other.hurried
                    && ReadAsks.equalButFloor(ask, other.ask);
        }
    }

    GetGathering(Parts parts, Server server, Kind kind, Limits limits) {
        super(parts, server, UNDER_WAY_ENOUGH, limits.getMaxBatchKeys(), limits.getMaxRequestBytes() / 2);
        this.kind = kind;
    }

    /** Whether such a read travels here. */
    boolean takes(Kind other) {
        return kind.isLike(other);
    }

    @Override
    Carriage<?, ?> carriage(List<GetMember> members) {
        return members.size() == 1 ? new Lone(members) : new Batch(members);
    }

    @Override
    void send(Carriage<?, ?> made, List<GetMember> members, long nowNanos, long deadlineNanos) {
        if (made instanceof Lone lone) {
            lone.begin(lone.member().read.request(lone.member().waitNanosMax), nowNanos, deadlineNanos, false, 1);
        } else if (made instanceof Batch batch) {
            batch.begin(request(members), nowNanos, deadlineNanos, false, members.size());
        }
    }

    private BatchGetRequest request(List<GetMember> members) {
        BatchGetRequest.Builder request = BatchGetRequest.newBuilder();
        for (GetMember member : members) {
            request.addKeys(RowKey.newBuilder().setTable(member.read.table()).setKey(member.read.key()));
        }
        ReadOptions options = ReadAsks.toProto(kind.ask, highestFloor(members), longestWait(members));
        return request.setReadOptions(options)
                .setValueForm(ValueForm.VALUE_FORM_BYTES)
                .setRowView(kind.view)
                .build();
    }

    private static long highestFloor(List<GetMember> members) {
        long floor = 0;
        for (GetMember member : members) {
            floor = Math.max(floor, member.read.floor());
        }
        return floor;
    }

    private static long longestWait(List<GetMember> members) {
        long longest = 0;
        for (GetMember member : members) {
            longest = Math.max(longest, member.waitNanosMax);
        }
        return longest;
    }

    @Override
    void took(long nanos, long nowNanos) {
        GetCall.took(kind.waits, server(), nanos, nowNanos);
    }

    private final class Lone extends Message<GetRequest, GetResponse> {

        Lone(List<GetMember> lone) {
            super(KeyValueGrpc.getGetMethod(), lone);
        }

        GetMember member() {
            return members.get(0);
        }

        @Override
        void handOut(GetResponse message) {
            parts.budget.answered(1);
            member().answered(message);
        }

        @Override
        void handOut(AttemptFailure failure) {
            member().failed(failure);
        }
    }

    private final class Batch extends Message<BatchGetRequest, BatchGetResponse> {

        Batch(List<GetMember> members) {
            super(KeyValueGrpc.getBatchGetMethod(), members);
        }

        @Override
        void handOut(BatchGetResponse message) {
            int answered = Math.min(members.size(), message.getResultsCount());
            if (answered == 0) {
                handOut(AttemptFailure.senseless("the server answered none of " + members.size() + " reads"));
                return;
            }
            parts.budget.answered(answered);
            // Those that the answer had no room for travel on, first.
            for (int i = answered; i < members.size(); i++) {
                joinAgain(members.get(i));
            }
            for (int i = 0; i < answered; i++) {
                BatchGetResult result = message.getResults(i);
                GetResponse.Builder one = GetResponse.newBuilder().setHeader(message.getHeader());
                if (result.hasRow()) {
                    one.setRow(result.getRow());
                }
                members.get(i).answered(one.build());
            }
        }

        @Override
        void handOut(AttemptFailure failure) {
            // What is wrong with one must not be the others' failure.
            long floor = highestFloor(members);
            List<GetMember> spared = new ArrayList<>();
            for (GetMember member : members) {
                if (concerns(member, failure, floor)) {
                    member.failed(failure);
                } else {
                    spared.add(member);
                }
            }
            if (spared.size() < members.size()) {
                sendTogether(spared);
            } else {
                spared.forEach(GetGathering.this::sendAlone);
            }
        }

        private boolean concerns(GetMember member, AttemptFailure failure, long highestFloor) {
            if (failure.is(ErrorReason.ERROR_REASON_TABLE_NOT_FOUND)) {
                return failure.isOfTable(member.read.table());
            }
            if (failure.isBehind()) {
                return !kind.waits || member.read.floor() == highestFloor;
            }
            return failure.error() == null || failure.verdict() != Verdict.FINAL;
        }
    }

    private void joinAgain(GetMember member) {
        synchronized (this) {
            if (member.isWithdrawn()) {
                return;
            }
            member.aboard(null);
        }
        join(member);
    }
}
