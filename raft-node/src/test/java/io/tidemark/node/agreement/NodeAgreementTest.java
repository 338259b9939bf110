// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.agreement;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.node.consensus.Member;
import io.tidemark.proto.v1.FetchDigestsRequest;
import io.tidemark.proto.v1.FetchDigestsResponse;
import io.tidemark.proto.v1.GetDigestsRequest;
import io.tidemark.proto.v1.GetDigestsResponse;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.server.read.StoreRig;
import io.tidemark.server.time.ManualTime;
import io.tidemark.server.upkeep.Digests;
import io.tidemark.store.state.Store;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes with a store each, of which n1 compares. */
class NodeAgreementTest {

    private final ManualTime time = new ManualTime();
    private final Map<String, StoreRig> nodes = new TreeMap<>();
    private final Set<String> away = new HashSet<>();
    private final Set<Member> voters = new HashSet<>();
    private final List<String> heard = new ArrayList<>();
    private final List<FetchDigestsRequest> asked = new ArrayList<>();
    private boolean withdrawn;
    private NodeAgreement agreement;

    @BeforeEach
    void open(@TempDir Path directory) {
        for (String id : List.of("n1", "n2", "n3")) {
            nodes.put(id, new StoreRig(directory.resolve(id)));
            voters.add(new Member(id, id + ":2", id + ":1", id + ":0"));
        }
        agreement = new NodeAgreement(
                "n1",
                () -> "c",
                () -> withdrawn ? Optional.empty() : Optional.of(store("n1")),
                new Others(),
                new Heard(),
                time,
                Runnable::run);
        agreement.begin();
    }

    @AfterEach
    void close() {
        nodes.values().forEach(StoreRig::close);
    }

    @Test
    void shouldAgreeWithWhoHasTheSameRowsAndAskNobodyTwice() {
        everywhere("k", "v");
        keep();

        looks(3);

        assertThat(heard).containsExactly("agreed");
        assertThat(asked).hasSize(2);
        assertThat(agreement.comparisons()).isEqualTo(1);

        everywhere("k", "w");
        keep();
        looks(2);

        assertThat(heard).containsExactly("agreed", "agreed");
    }

    @Test
    void shouldFindThatAMajorityHasOtherRows() {
        write("n1", "k", "wrong");
        write("n2", "k", "right");
        write("n3", "k", "right");
        keep();

        looks(3);

        assertThat(heard)
                .singleElement()
                .asString()
                .startsWith("outvoted at index 1, in 1 shards (")
                .contains(" in buckets [")
                .endsWith("compared with node n3");
        assertThat(agreement.differingShards()).isEqualTo(1);
    }

    @Test
    void shouldBeRightWithAMajorityWhateverAThirdHas() {
        write("n1", "k", "right");
        write("n2", "k", "wrong");
        write("n3", "k", "right");
        keep();

        looks(1);

        assertThat(heard).containsExactly("agreed");
    }

    @Test
    void shouldNotDecideBetweenTwo() {
        write("n1", "k", "a");
        write("n2", "k", "b");
        away.add("n3");
        keep();

        looks(1);
        assertThat(heard).singleElement().asString().startsWith("undecided at index 1");

        // The third says who is right.
        away.clear();
        write("n3", "k", "a");
        keep();
        looks(1);
        assertThat(heard).last().isEqualTo("agreed");
        assertThat(agreement.differingShards()).isZero();
    }

    @Test
    void shouldNotDecideBetweenThree() {
        write("n1", "k", "a");
        write("n2", "k", "b");
        write("n3", "k", "c");
        keep();

        looks(1);

        assertThat(heard).singleElement().asString().startsWith("undecided");
    }

    @Test
    void shouldSayNothingAlone() {
        everywhere("k", "v");
        keep();
        away.addAll(Set.of("n2", "n3"));

        looks(3);

        assertThat(heard).isEmpty();
        assertThat(agreement.comparisons()).isZero();
    }

    @Test
    void shouldWaitForWhoLags() {
        write("n1", "k", "v");
        keep();
        looks(2);
        assertThat(heard).isEmpty();

        write("n2", "k", "v");
        keep();
        looks(1);
        assertThat(heard).containsExactly("agreed");
    }

    @Test
    void shouldLookAnewAtAnotherStore(@TempDir Path directory) {
        everywhere("k", "v");
        keep();
        looks(1);
        withdrawn = true;
        looks(2);
        withdrawn = false;
        rig("n1").close();
        nodes.put("n1", new StoreRig(directory.resolve("another")));
        write("n1", "k", "wrong");
        keep();

        looks(1);

        assertThat(heard).hasSize(2).last().asString().startsWith("outvoted");
    }

    @Test
    void shouldNotCompareBeforeItVotes() {
        voters.removeIf(node -> node.id().equals("n1"));
        everywhere("k", "v");
        keep();

        looks(2);

        assertThat(asked).isEmpty();
    }

    @Test
    void shouldEndWhenItIsClosed() {
        everywhere("k", "v");
        keep();
        agreement.close();

        looks(2);

        assertThat(heard).isEmpty();
        assertThat(time.pendingCalls()).isZero();
    }

    private void looks(int count) {
        time.pass(NodeAgreement.INTERVAL.multipliedBy(count));
    }

    private void everywhere(String key, String value) {
        nodes.keySet().forEach(id -> write(id, key, value));
    }

    private void write(String id, String key, String value) {
        rig(id).put(key, value);
    }

    private void keep() {
        nodes.values().stream()
                .map(StoreRig::store)
                .filter(store -> store.appliedIndex() > 0)
                .forEach(Store::keepDigests);
    }

    private Store store(String id) {
        return rig(id).store();
    }

    private StoreRig rig(String id) {
        return Objects.requireNonNull(nodes.get(id), id);
    }

    private final class Others implements OtherNodes {
        @Override
        public Set<Member> voters() {
            return Set.copyOf(voters);
        }

        @Override
        public CompletableFuture<FetchDigestsResponse> digests(Member node, FetchDigestsRequest request) {
            asked.add(request);
            if (away.contains(node.id())) {
                return CompletableFuture.failedFuture(new IllegalStateException("away"));
            }
            try {
                GetDigestsResponse kept = new Digests(any -> ResponseHeader.getDefaultInstance())
                        .kept(
                                store(node.id()),
                                GetDigestsRequest.newBuilder()
                                        .setIndex(request.getIndex())
                                        .setDetail(request.getDetail())
                                        .build());
                return CompletableFuture.completedFuture(FetchDigestsResponse.newBuilder()
                        .setIndex(kept.getIndex())
                        .setDigestVersion(kept.getDigestVersion())
                        .addAllDigests(kept.getDigestsList())
                        .build());
            } catch (RuntimeException notKept) {
                return CompletableFuture.failedFuture(notKept);
            }
        }
    }

    private final class Heard implements DisagreementListener {
        @Override
        public void outvoted(Store store, String what) {
            heard.add("outvoted " + what);
        }

        @Override
        public void undecided(Store store, String what) {
            heard.add("undecided " + what);
        }

        @Override
        public void agreed(Store store) {
            heard.add("agreed");
        }
    }
}
