// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class BoundedCallTest {

    @Test
    void shouldGiveUpWhatDoesNotEnd() {
        CountDownLatch never = new CountDownLatch(1);
        assertThatThrownBy(() -> BoundedCall.within(Duration.ofMillis(20), "waiting", () -> {
                    never.await();
                    return true;
                }))
                .isInstanceOf(TimeoutException.class)
                .hasMessageContaining("waiting did not end within PT0.02S");
        never.countDown();
    }

    @Test
    void shouldPassOnWhatComesOfIt() throws IOException, TimeoutException {
        String answer = BoundedCall.within(Duration.ofSeconds(10), "answering", () -> "yes");
        assertThat(answer).isEqualTo("yes");
        assertThatThrownBy(() -> BoundedCall.within(Duration.ofSeconds(10), "failing", () -> {
                    throw new IOException("no");
                }))
                .isInstanceOf(IOException.class)
                .hasMessage("no");
    }
}
