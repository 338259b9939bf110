// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.stream;

import io.tidemark.client.ClosedException;
import io.tidemark.client.CodecException;
import io.tidemark.client.ConditionFailedException;
import io.tidemark.client.HistoryChangedException;
import io.tidemark.client.HorizonPassedException;
import io.tidemark.client.InvalidRequestException;
import io.tidemark.client.NotFoundException;
import io.tidemark.client.OverloadedException;
import io.tidemark.client.TidemarkException;
import java.time.Duration;

/** What to do after a failure, as far as that does not depend on what the stream is about. */
public final class Verdicts {

    private Verdicts() {}

    /** Ends what no other server would answer otherwise; everything else is tried again. */
    public static Verdict of(TidemarkException failure) {
        if (failure instanceof ClosedException
                || failure instanceof CodecException
                || failure instanceof ConditionFailedException
                || failure instanceof HistoryChangedException
                || failure instanceof HorizonPassedException
                || failure instanceof InvalidRequestException
                || failure instanceof NotFoundException) {
            return new Verdict.End(failure);
        }
        if (failure instanceof OverloadedException overloaded) {
            return new Verdict.AfterPause(overloaded.retryAfter().orElse(Duration.ZERO));
        }
        return new Verdict.AfterPause(Duration.ZERO);
    }
}
