// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import com.google.protobuf.Message;
import io.grpc.StatusRuntimeException;
import io.tidemark.proto.v1.WriteOptions;
import org.jspecify.annotations.Nullable;

/** One write of a call, with its identity, and what is known of it. Guarded by its call. */
final class Part<Q extends Message, A> {

    private final WriteOptions asked;
    private final Room room;
    private Q request;
    private WriteOptions options;
    private boolean isOpen;
    private @Nullable A answer;
    private @Nullable StatusRuntimeException error;

    /**
     * A write of a call.
     *
     * @param asked as the caller gave them
     * @param options with all that makes it the same write however often it is sent
     * @param request with those options in it
     * @param room for the answers of all writes of the call
     */
    Part(WriteOptions asked, Q request, WriteOptions options, Room room) {
        this.asked = asked;
        this.request = request;
        this.options = options;
        this.room = room;
    }

    Q request() {
        return request;
    }

    WriteOptions options() {
        return options;
    }

    Room room() {
        return room;
    }

    /**
     * Whether nobody else can have sent this write before: its name, and the index that it is as old as, are this node's. An index that
     * proves too old may then be replaced by a newer one, for as long as no attempt is open.
     */
    boolean isFirstSentHere() {
        return !isOpen && !asked.hasRequestId() && !asked.hasFirstSentIndex();
    }

    void sendAs(Q anew, WriteOptions with) {
        request = anew;
        options = with;
    }

    /** An attempt may have been done, or may yet be: from now on no error means that nothing was written. */
    void open() {
        isOpen = true;
    }

    boolean isOpen() {
        return isOpen;
    }

    boolean isEnded() {
        return answer != null || error != null;
    }

    void answered(A with) {
        if (!isEnded()) {
            answer = with;
        }
    }

    void failed(StatusRuntimeException with) {
        if (!isEnded()) {
            error = with;
        }
    }

    @Nullable A answer() {
        return answer;
    }

    @Nullable StatusRuntimeException error() {
        return error;
    }
}
