// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.offline;

import io.tidemark.api.HistoryId;
import java.security.SecureRandom;
import java.util.stream.Collectors;

/** Names a history that never was. */
final class NewHistory {

    private static final String CHARACTERS = "0123456789abcdefghijklmnopqrstuvwxyz";
    private static final SecureRandom RANDOM = new SecureRandom();

    private NewHistory() {}

    static HistoryId id() {
        return new HistoryId(RANDOM.ints(HistoryId.LENGTH, 0, CHARACTERS.length())
                .mapToObj(i -> CHARACTERS.substring(i, i + 1))
                .collect(Collectors.joining()));
    }
}
