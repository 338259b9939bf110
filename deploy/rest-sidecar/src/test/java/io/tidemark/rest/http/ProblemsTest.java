// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import io.tidemark.client.Failure;
import io.tidemark.client.OverloadedException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProblemsTest {

    @Test
    void shouldSayOfAnOverloadWhenToTryAgain() {
        Failure failure = new Failure("the queue is full", "OVERLOADED");

        AggregatedHttpResponse told =
                Responses.of(Problems.of(new OverloadedException(failure, null, Duration.ofMillis(1_200))));
        AggregatedHttpResponse untold = Responses.of(Problems.of(new OverloadedException(failure, null, null)));

        assertThat(told.status()).isEqualTo(HttpStatus.TOO_MANY_REQUESTS);
        assertThat(told.headers().get("retry-after")).isEqualTo("2");
        assertThat(untold.headers().get("retry-after")).isEqualTo("1");
    }
}
