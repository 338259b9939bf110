// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TidemarkExceptionTest {

    private static final Failure FAILURE = new Failure(
            "it failed",
            "WHY",
            Map.of("key", "ann"),
            List.of(new Attempt("n1:1", Duration.ZERO, Duration.ofMillis(3), "UNAVAILABLE")));

    @Test
    void shouldTellTheSameElsewhere() throws Exception {
        UnavailableException came = carried(new UnavailableException(FAILURE, null));

        assertThat(came.failure()).isEqualTo(FAILURE);
        assertThat(came).hasMessage("it failed (tried: n1:1 after 0 ms for 3 ms: UNAVAILABLE)");
    }

    @Test
    void shouldTellElsewhereAlsoWhatOnlySomeHave() throws Exception {
        Unmet unmet = new Unmet(Unmet.Behind.APPLY, false, Duration.ofSeconds(1), null, 7L, 6L, null, null);
        InvalidRequestException.FieldViolation violation = new InvalidRequestException.FieldViolation("key", "empty");
        Row<byte[]> row =
                new Row<>("users", "ann", new byte[] {1}, "text/plain", 2, 3, 4, Instant.ofEpochSecond(5), null);
        ConditionFailedException.FailedCondition failed = new ConditionFailedException.FailedCondition(1, row);

        assertThat(carried(new TooStaleException(FAILURE, null, unmet, null)).unmet())
                .isEqualTo(unmet);
        assertThat(carried(new InvalidRequestException(FAILURE, null, List.of(violation)))
                        .violations())
                .containsExactly(violation);
        Row<byte[]> current = carried(new ConditionFailedException(FAILURE, null, List.of(failed), "h", 9, false))
                .currentRow()
                .orElseThrow();
        assertThat(current.key()).isEqualTo("ann");
        assertThat(current.value()).containsExactly(1);
    }

    @SuppressWarnings({"unchecked", "BanSerializableRead"}) // what it just wrote
    private static <T> T carried(T thing) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(thing);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return (T) in.readObject();
        }
    }
}
