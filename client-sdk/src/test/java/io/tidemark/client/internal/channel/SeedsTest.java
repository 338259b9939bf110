// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SeedsTest {

    private static InetAddress[] lookup(String host) throws UnknownHostException {
        return switch (host) {
            case "two" -> new InetAddress[] {InetAddress.getByName("10.0.0.1"), InetAddress.getByName("10.0.0.2")};
            case "six" -> new InetAddress[] {InetAddress.getByName("2001:db8::1")};
            default -> throw new UnknownHostException(host);
        };
    }

    @Test
    void shouldFindEveryAddressBehindEveryNameThatIsKnown() {
        Seeds seeds = Seeds.parse("two:7000, gone:7000,six:7001", SeedsTest::lookup);
        assertThat(seeds.count()).isEqualTo(3);
        assertThat(seeds.resolve(0)).containsExactly("10.0.0.1:7000", "10.0.0.2:7000");
        assertThat(seeds.resolve(1)).isEmpty();
        assertThat(seeds.resolve(2)).containsExactly("[2001:db8:0:0:0:0:0:1]:7001");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "host", "host:", ":7000", "host:0", "host:65536", "host:x", "::1:7000", "a:1,,b:2"})
    void shouldRefuseWhatIsNoList(String list) {
        assertThatThrownBy(() -> Seeds.parse(list, SeedsTest::lookup))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected: host:port");
    }
}
