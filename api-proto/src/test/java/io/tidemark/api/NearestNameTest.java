// SPDX-License-Identifier: Apache-2.0
package io.tidemark.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class NearestNameTest {

    private static final List<String> KNOWN = List.of("zone", "client.port", "id");

    @Test
    void shouldTakeNeighboursInTheWrongOrderForOneSlip() {
        assertThat(NearestName.suggestion("client.prot", KNOWN)).isEqualTo("did you mean client.port?");
        assertThat(NearestName.suggestion("di", KNOWN)).isEqualTo("did you mean id?");
    }

    @Test
    void shouldListAllInOrderWhenNothingIsNear() {
        assertThat(NearestName.suggestion("colour", KNOWN)).isEqualTo("known are: client.port, id, zone");
    }

    @Test
    void shouldSayWhenThereIsNothingToKnow() {
        assertThat(NearestName.suggestion("colour", List.of())).isEqualTo("none is known here");
    }
}
