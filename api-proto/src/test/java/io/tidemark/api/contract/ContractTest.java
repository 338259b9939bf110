// SPDX-License-Identifier: Apache-2.0
package io.tidemark.api.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import io.tidemark.api.Contract;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Holds the contract as it is now against the released one and the house's rules. */
class ContractTest {

    /**
     * Written by {@code cp api-proto/target/classes/tidemark/v1/tidemark-v1.binpb api-proto/src/released/} when a version is
     * released, and never otherwise: what it holds is promised.
     */
    private static final Path RELEASED = Path.of("src", "released", "tidemark-v1.binpb");

    @Test
    void shouldNotBreakTheReleasedContract() throws IOException {
        assertThat(BreakingChanges.between(released(), Contract.descriptorSet()))
                .as("changes that break programs built against the released contract (%s)", RELEASED)
                .isEmpty();
    }

    @Test
    void shouldFollowTheHouseRules() {
        assertThat(ContractLint.check(Contract.descriptorSet()))
                .as("faults in the .proto files")
                .isEmpty();
    }

    @Test
    void shouldCarryItsCommentsAndImports() {
        FileDescriptorSet set = Contract.descriptorSet();

        assertThat(set.getFileList())
                .extracting(f -> f.getName())
                .contains("tidemark/v1/key_value.proto", "google/api/http.proto", "google/rpc/error_details.proto");
        assertThat(Contract.class.getResource("/tidemark/v1/key_value.proto"))
                .as("the .proto files in the jar")
                .isNotNull();
    }

    private static FileDescriptorSet released() throws IOException {
        try (InputStream in = Files.newInputStream(RELEASED)) {
            return Contract.parse(in);
        }
    }
}
