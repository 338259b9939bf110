// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.proto.v1.WriteCommand;

/** Recognises the entries that come all the time, of nothing but puts and without an unknown field, by a glance at each message. */
final class KnownPuts {

    private KnownPuts() {}

    /** False: the entry is of another kind, or holds what is not known. */
    static boolean isAll(Entry entry) {
        if (!entry.getUnknownFields().isEmpty()
                || !entry.getLeaderTime().getUnknownFields().isEmpty()) {
            return false;
        }
        for (int i = 0; i < entry.getCommandsCount(); i++) {
            if (!isPuts(entry.getCommands(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isPuts(Command command) {
        if (!command.hasWrite() || !command.getUnknownFields().isEmpty()) {
            return false;
        }
        WriteCommand write = command.getWrite();
        return write.getUnknownFields().isEmpty()
                && write.getIdentity().getUnknownFields().isEmpty()
                && isPuts(write.getCommit());
    }

    private static boolean isPuts(CommitRequest commit) {
        if (!isPlain(commit) || !commit.getUnknownFields().isEmpty()) {
            return false;
        }
        for (int i = 0; i < commit.getMutationsCount(); i++) {
            Mutation mutation = commit.getMutations(i);
            PutMutation put = mutation.getPut();
            if (!isPlainPut(mutation)
                    || !mutation.getUnknownFields().isEmpty()
                    || !put.getUnknownFields().isEmpty()
                    || !put.getValue().getUnknownFields().isEmpty()) {
                return false;
            }
        }
        return true;
    }

    /** Whether a commit has mutations, and nothing else that this software knows. */
    static boolean isPlain(CommitRequest commit) {
        return commit.getConditionsCount() == 0
                && commit.getValueFormValue() == 0
                && commit.getRowViewValue() == 0
                && !commit.hasWriteOptions();
    }

    /** Whether it puts bytes without an expiry. */
    static boolean isPlainPut(Mutation mutation) {
        return mutation.hasPut()
                && !mutation.getPut().hasExpiry()
                && mutation.getPut().getValue().hasBytes();
    }
}
