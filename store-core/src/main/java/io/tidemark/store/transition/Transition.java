// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.tidemark.api.UnknownFields;
import io.tidemark.store.LogTime;
import io.tidemark.store.RefusedException;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.proto.v1.RequestIdentity;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The transition function: (state, entry) to outcomes and effects. Stateless; the package says what it promises. */
public final class Transition {

    /** The first version, which the empty store has. */
    public static final int VERSION_FIRST = 1;

    /** The highest version that this software knows. */
    public static final int VERSION_MAX = 1;

    private final int versionMax;

    public Transition() {
        this(VERSION_MAX);
    }

    Transition(int versionMax) {
        this.versionMax = versionMax;
    }

    /**
     * What the entry does to the state, which is only read.
     *
     * @throws UnknownEntryException if this node must stop; nothing of the entry may then be applied
     */
    public Applied apply(StateReader state, Entry entry) {
        requireKnown(state, entry);
        StateOverlay overlay = new StateOverlay(state);
        if (LogTime.isValid(entry.getLeaderTime())) {
            overlay.advance(LogTime.max(state.counters().logTime(), LogTime.of(entry.getLeaderTime())));
        }
        AnswerRoom room = AnswerRoom.of(state);
        List<CommandResult> results = new ArrayList<>(entry.getCommandsCount());
        for (Command command : entry.getCommandsList()) {
            CommandResult result = apply(overlay, command, room);
            overlay.apply(result);
            results.add(result);
        }
        return new Applied(results, overlay.counters());
    }

    private CommandResult apply(StateReader state, Command command, AnswerRoom room) {
        return switch (command.getCommandCase()) {
            case WRITE ->
                once(
                        state,
                        "write",
                        command.getWrite().getIdentity(),
                        command.getWrite().getCommit(),
                        () -> WriteCommands.write(state, command.getWrite().getCommit(), room));
            case CREATE_TABLE ->
                once(
                        state,
                        "create_table",
                        command.getCreateTable().getIdentity(),
                        command.getCreateTable().getRequest(),
                        () -> TableCommands.create(
                                state, command.getCreateTable().getRequest()));
            case UPDATE_TABLE ->
                once(
                        state,
                        "update_table",
                        command.getUpdateTable().getIdentity(),
                        command.getUpdateTable().getRequest(),
                        () -> TableCommands.update(
                                state, command.getUpdateTable().getRequest()));
            case DROP_TABLE ->
                once(
                        state,
                        "drop_table",
                        command.getDropTable().getIdentity(),
                        command.getDropTable().getRequest(),
                        () -> TableCommands.drop(state, command.getDropTable().getRequest()));
            case DROP_STEP -> unnamed(() -> TableCommands.dropStep(state, command.getDropStep()));
            case EXPIRE -> unnamed(() -> WriteCommands.expire(state, command.getExpire()));
            case RAISE_VERSION ->
                unnamed(() -> SystemCommands.raiseVersion(
                        state, command.getRaiseVersion().getTransitionVersion()));
            case CHANGE_SETTINGS ->
                unnamed(() -> SystemCommands.changeSettings(
                        state, command.getChangeSettings().getSettings()));
            case RAISE_HORIZON ->
                unnamed(() -> SystemCommands.raiseHorizon(
                        state, command.getRaiseHorizon().getHorizon()));
            case REGISTER_REPLICA ->
                unnamed(() -> RegistryCommands.register(
                        state, command.getRegisterReplica().getReplica()));
            case DRAIN_REPLICA ->
                unnamed(() ->
                        RegistryCommands.drain(state, command.getDrainReplica().getReplicaId(), true));
            case RESUME_REPLICA ->
                unnamed(() ->
                        RegistryCommands.drain(state, command.getResumeReplica().getReplicaId(), false));
            case REPLICAS_LOST ->
                unnamed(() ->
                        RegistryCommands.lost(state, command.getReplicasLost().getReplicasList()));
            case REPLICAS_FOUND ->
                unnamed(() ->
                        RegistryCommands.found(state, command.getReplicasFound().getReplicasList()));
            case REMOVE_REPLICA ->
                unnamed(() -> RegistryCommands.remove(
                        state, command.getRemoveReplica().getReplica()));
            case COMMAND_NOT_SET -> throw new UnknownEntryException("an entry holds a command that is not known");
        };
    }

    /** A caller's request: carried out once, whatever is sent how often. */
    private static CommandResult once(
            StateReader state, String name, RequestIdentity identity, Message request, Supplier<Settled> command) {
        ByteString digest = ContentDigest.of(name, request);
        Outcome answer = windowAnswer(state, identity, digest);
        if (answer != null) {
            return new CommandResult(answer, null, null);
        }
        Settled settled = settle(command);
        RequestChange change = RequestWindow.remember(state, identity, digest, settled);
        return new CommandResult(settled.outcome(), settled.commit(), change);
    }

    private static @Nullable Outcome windowAnswer(StateReader state, RequestIdentity identity, ByteString digest) {
        try {
            return RequestWindow.answer(state, identity, digest);
        } catch (RefusedException e) {
            return new Outcome.Refused(e.refusal());
        }
    }

    /** The leader's own command, which is harmless to repeat. */
    private static CommandResult unnamed(Supplier<Settled> command) {
        Settled settled = settle(command);
        return new CommandResult(settled.outcome(), settled.commit(), null);
    }

    private static Settled settle(Supplier<Settled> command) {
        try {
            return command.get();
        } catch (RefusedException e) {
            return new Settled(new Outcome.Refused(e.refusal()), null);
        }
    }

    private void requireKnown(StateReader state, Entry entry) {
        int allowed = Math.min(versionMax, state.transitionVersion());
        int version = entry.getTransitionVersion();
        if (version < VERSION_FIRST || version > allowed) {
            throw new UnknownEntryException("transition version of an entry: " + version + " (expected: from "
                    + VERSION_FIRST + " to " + allowed + "; this software knows up to " + versionMax + ")");
        }
        if (KnownPuts.isAll(entry)) {
            return;
        }
        String unknown = UnknownFields.first(entry);
        if (unknown != null) {
            throw new UnknownEntryException("an entry holds a field that is not known: " + unknown);
        }
        for (Command command : entry.getCommandsList()) {
            int raised = command.getRaiseVersion().getTransitionVersion();
            if (raised > versionMax) {
                throw new UnknownEntryException("transition version raised to " + raised + " (expected: at most "
                        + versionMax + ", the highest that this software knows)");
            }
        }
    }
}
