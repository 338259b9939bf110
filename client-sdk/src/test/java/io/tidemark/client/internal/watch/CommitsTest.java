// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.tidemark.client.InvalidRequestException;
import io.tidemark.client.internal.stream.OffCourseException;
import io.tidemark.proto.v1.Fragment;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.WatchEvent;
import io.tidemark.proto.v1.WatchResponse;
import org.junit.jupiter.api.Test;

class CommitsTest {

    private final Commits commits = new Commits(1000);

    @Test
    void shouldSplitAMessageIntoCommits() throws OffCourseException {
        WatchResponse message = message(9, change(7, 0), change(7, 2), change(9, 1));

        assertThat(commits.take(message, 6))
                .extracting(Commits.Whole::index, commit -> commit.changes().size())
                .containsExactly(tuple(7L, 2), tuple(9L, 1));
    }

    @Test
    void shouldDropWhatIsKnown() throws OffCourseException {
        assertThat(commits.take(message(9, change(7, 0), change(9, 1)), 7))
                .extracting(Commits.Whole::index)
                .containsExactly(9L);
        assertThat(commits.take(part(9, 0, true, change(9, 0)), 9)).isEmpty();
    }

    @Test
    void shouldHoldACommitBackUntilItsLastPart() throws OffCourseException {
        assertThat(commits.take(part(6, 0, false, change(7, 0), change(7, 1)), 6))
                .isEmpty();
        assertThat(commits.take(part(6, 1, false, change(7, 2)), 6)).isEmpty();

        assertThat(commits.take(part(7, 2, true, change(7, 3)), 6))
                .singleElement()
                .satisfies(commit -> assertThat(commit.changes())
                        .extracting(WatchEvent::getPosition)
                        .containsExactly(0, 1, 2, 3));
    }

    @Test
    void shouldBeginAnewAfterABreak() throws OffCourseException {
        commits.take(part(6, 0, false, change(7, 0), change(7, 1)), 6);

        commits.clear();

        assertThat(commits.take(message(7, change(7, 0), change(7, 1)), 6)).hasSize(1);
    }

    @Test
    void shouldRefuseWhatTheContractDoesNotAllow() {
        assertOffCourse(message(9, change(10, 0)), "a change of commit 10");
        assertOffCourse(message(9, change(8, 0), change(7, 0)), "out of order");
        assertOffCourse(message(9, change(8, 1), change(8, 1)), "out of order");
        assertOffCourse(part(6, 1, false, change(7, 0)), "expected: part 0");
        assertOffCourse(part(7, 0, false, change(7, 0)), "is not the last");
        assertOffCourse(part(6, 0, true, change(7, 0)), "is the last");
        assertOffCourse(part(6, 0, false, change(7, 0), change(8, 1)), "out of order");
        assertOffCourse(part(6, 0, false), "with 0 changes");
    }

    @Test
    void shouldRefuseAnythingElseBetweenTheParts() throws OffCourseException {
        commits.take(part(6, 0, false, change(7, 0)), 6);

        assertThatThrownBy(() -> commits.take(message(6), 6))
                .isInstanceOf(OffCourseException.class)
                .hasMessageContaining("part 0 of commit 7");
    }

    @Test
    void shouldHoldNoMoreOfACommitThanAllowed() throws OffCourseException {
        WatchEvent large = change(7, 0).toBuilder()
                .setRow(Row.newBuilder().setKey("k".repeat(600)))
                .build();
        commits.take(part(6, 0, false, large), 6);

        assertThatThrownBy(() -> commits.take(
                        part(7, 1, true, large.toBuilder().setPosition(1).build()), 6))
                .isInstanceOfSatisfying(InvalidRequestException.class, e -> {
                    assertThat(e.reason()).isEqualTo("TOO_LARGE");
                    assertThat(e.metadata()).containsEntry("limit", "1000");
                });
    }

    private void assertOffCourse(WatchResponse message, String problem) {
        commits.clear();
        assertThatThrownBy(() -> commits.take(message, 6))
                .isInstanceOf(OffCourseException.class)
                .hasMessageContaining(problem);
    }

    private static WatchResponse message(long through, WatchEvent... changes) {
        WatchResponse.Builder message = WatchResponse.newBuilder().setThroughIndex(through);
        for (WatchEvent change : changes) {
            message.addEvents(change);
        }
        return message.build();
    }

    private static WatchResponse part(long through, int number, boolean last, WatchEvent... changes) {
        return message(through, changes).toBuilder()
                .setFragment(Fragment.newBuilder().setNumber(number).setLast(last))
                .build();
    }

    private static WatchEvent change(long index, int position) {
        return WatchEvent.newBuilder().setIndex(index).setPosition(position).build();
    }
}
