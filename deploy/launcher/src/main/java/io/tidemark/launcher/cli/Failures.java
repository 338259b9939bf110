// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorReasons;
import io.tidemark.api.ErrorStatus;
import io.tidemark.bench.LoadFailedException;
import io.tidemark.client.ConditionFailedException;
import io.tidemark.client.DeadlineExceededException;
import io.tidemark.client.InvalidRequestException;
import io.tidemark.client.NotFoundException;
import io.tidemark.client.OutcomeUnknownException;
import io.tidemark.client.OverloadedException;
import io.tidemark.client.TidemarkException;
import io.tidemark.client.TooStaleException;
import io.tidemark.client.UnavailableException;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.store.engine.EngineException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import picocli.CommandLine;

/** The one place where failures become what users read and scripts decide by: a line, at times a second with what to do, and an {@link ExitCode}. */
public final class Failures {

    /** How an attempt ends in which no server had a say. */
    private static final String NOT_REACHED = Status.Code.UNAVAILABLE.name();

    private static final String UNEXPECTED = "this should not happen; --verbose tells where it came up";

    private Failures() {}

    /**
     * A failure as it is told.
     *
     * @param message what happened
     * @param advice what to do about it; empty: nothing in particular
     */
    private record Told(int code, String message, String advice) {

        /** Whether it is a fault of this program. */
        boolean unexpected() {
            return advice.equals(UNEXPECTED);
        }
    }

    /** Says what failed, and gives the exit code for it. */
    public static int report(Throwable failure, CommandLine command) {
        CliCommand cli = command.getCommand() instanceof CliCommand asked ? asked : null;
        Told told = told(failure, cli == null ? "" : cli.whenUnreachable());
        PrintWriter err = command.getErr();
        err.println("tidemark: " + told.message());
        if (!told.advice().isEmpty() && (cli != null || !told.unexpected())) {
            err.println("  " + told.advice());
        }
        // Whoever has no --verbose sees where it came up at once: nothing else could tell.
        if (cli == null ? told.unexpected() : cli.verbose()) {
            failure.printStackTrace(err);
        }
        err.flush();
        return told.code();
    }

    /** Says what is wrong with a command line, and where to look it up. */
    public static int reportUsage(CommandLine.ParameterException failure) {
        CommandLine command = failure.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("tidemark: " + failure.getMessage());
        boolean unused = CommandLine.UnmatchedArgumentException.printSuggestions(failure, err);
        err.println("  '" + command.getCommandSpec().qualifiedName() + " --help' shows how it is used");
        err.flush();
        return ExitCode.WRONG_USAGE;
    }

    private static Told told(Throwable failure, String whenUnreachable) {
        OutOfMemoryError memory = OutOfMemory.behind(failure);
        // That a write is open stays so, whatever the reason.
        if (memory != null && !(failure instanceof OutcomeUnknownException)) {
            return new Told(ExitCode.FAILED, OutOfMemory.describe(memory), OutOfMemory.ADVICE);
        }
        if (failure instanceof TidemarkException of) {
            return told(of, whenUnreachable);
        }
        if (failure instanceof StatusRuntimeException status) {
            return ErrorStatus.from(status)
                    .map(Failures::told)
                    .orElseGet(() -> unexplained(status.getStatus(), whenUnreachable));
        }
        if (failure instanceof UncheckedIOException unchecked && unchecked.getCause() != null) {
            return told(unchecked.getCause(), whenUnreachable);
        }
        if (failure instanceof LoadFailedException) {
            int code = failure.getCause() == null
                    ? ExitCode.FAILED
                    : told(failure.getCause(), whenUnreachable).code();
            return new Told(code, String.valueOf(failure.getMessage()), "");
        }
        if (failure instanceof CommandLine.TypeConversionException) {
            return new Told(ExitCode.WRONG_USAGE, String.valueOf(failure.getMessage()), "");
        }
        if (failure instanceof EngineException) {
            return new Told(ExitCode.FAILED, String.valueOf(failure.getMessage()), "");
        }
        if (failure instanceof IOException || failure instanceof IllegalArgumentException) {
            String message = failure.getMessage();
            int code = failure instanceof IOException ? ExitCode.FAILED : ExitCode.WRONG_USAGE;
            return new Told(code, message == null ? failure.toString() : describe(failure, message), "");
        }
        return new Told(ExitCode.FAILED, failure.toString(), UNEXPECTED);
    }

    /** The JDK's messages about files are often no more than their names. */
    private static String describe(Throwable failure, String message) {
        return failure instanceof java.nio.file.FileSystemException
                ? failure.getClass().getSimpleName().replace("Exception", "") + ": " + message
                : message;
    }

    private static Told told(TidemarkException failure, String whenUnreachable) {
        String message = failure.failure().message();
        if (failure instanceof NotFoundException) {
            return new Told(ExitCode.NOT_FOUND, message, "");
        }
        if (failure instanceof ConditionFailedException) {
            return new Told(ExitCode.CONDITION_FAILED, message, "");
        }
        if (failure instanceof TooStaleException stale) {
            String wait = stale.expectedWait()
                    .map(known -> " (in about " + Quantities.duration(known) + " at the present pace)")
                    .orElse("");
            return new Told(
                    ExitCode.UNAVAILABLE, message, "ask for less by --consistency, or wait longer by --timeout" + wait);
        }
        if (failure instanceof UnavailableException || failure instanceof DeadlineExceededException) {
            boolean nobodyReached = failure.attempts().stream()
                    .allMatch(attempt -> attempt.outcome().startsWith(NOT_REACHED));
            return new Told(ExitCode.UNAVAILABLE, message, nobodyReached ? whenUnreachable : tried(failure));
        }
        if (failure instanceof OverloadedException) {
            return new Told(ExitCode.UNAVAILABLE, message, "");
        }
        if (failure instanceof OutcomeUnknownException open) {
            return new Told(ExitCode.OUTCOME_UNKNOWN, message, again(open));
        }
        if (failure instanceof InvalidRequestException) {
            boolean inputIsWrong = ErrorReasons.byName(failure.reason())
                    .filter(Failures::isOfInput)
                    .isPresent();
            return new Told(inputIsWrong ? ExitCode.WRONG_USAGE : ExitCode.FAILED, message, "");
        }
        return new Told(ExitCode.FAILED, message, "");
    }

    /** Whether it is for what was given alone, whatever the cluster holds. */
    private static boolean isOfInput(ErrorReason reason) {
        return switch (reason) {
            case ERROR_REASON_INVALID_FIELD,
                    ERROR_REASON_TOO_LARGE,
                    ERROR_REASON_BAD_SESSION_TOKEN,
                    ERROR_REASON_BAD_PAGE_TOKEN -> true;
            default -> false;
        };
    }

    private static String tried(TidemarkException failure) {
        int last = failure.attempts().size() - 1;
        return "tried " + failure.attempts().size() + " times, last "
                + failure.attempts().get(last);
    }

    private static String again(OutcomeUnknownException open) {
        return open.requestId()
                .map(id -> "the same command with --request-id=" + id + " --first-sent-index="
                        + open.firstSentIndex().orElse(0) + " tells how it ended, and writes it if it did not happen")
                .orElse("");
    }

    private static Told told(ErrorStatus error) {
        int code = switch (error.reason()) {
            case ERROR_REASON_TABLE_NOT_FOUND, ERROR_REASON_MEMBER_NOT_FOUND -> ExitCode.NOT_FOUND;
            case ERROR_REASON_CONDITION_FAILED, ERROR_REASON_TABLE_CHANGED -> ExitCode.CONDITION_FAILED;
            case ERROR_REASON_OUTCOME_UNKNOWN, ERROR_REASON_REQUEST_ID_EXPIRED -> ExitCode.OUTCOME_UNKNOWN;
            case ERROR_REASON_TOO_STALE, ERROR_REASON_INDEX_NOT_REACHED, ERROR_REASON_TIME_NOT_CLOSED ->
                ExitCode.UNAVAILABLE;
            default -> isOfInput(error.reason()) ? ExitCode.WRONG_USAGE : codeOf(ErrorReasons.codeOf(error.reason()));
        };
        return new Told(code, error.message() + " (" + ErrorReasons.nameOf(error.reason()) + ")", "");
    }

    private static int codeOf(Status.Code code) {
        return switch (code) {
            case UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED -> ExitCode.UNAVAILABLE;
            default -> ExitCode.FAILED;
        };
    }

    /** A connection, a proxy or gRPC itself failed. */
    private static Told unexplained(Status status, String whenUnreachable) {
        Throwable cause = status.getCause();
        String why = cause == null || cause.getMessage() == null ? "" : " (" + cause.getMessage() + ")";
        return new Told(
                codeOf(status.getCode()), status.getCode() + ": " + status.getDescription() + why, whenUnreachable);
    }
}
