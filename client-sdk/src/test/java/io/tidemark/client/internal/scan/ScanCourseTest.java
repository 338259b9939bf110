// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.client.Failure;
import io.tidemark.client.HorizonPassedException;
import io.tidemark.client.TidemarkException;
import io.tidemark.client.internal.dispatch.ReadAsk;
import io.tidemark.client.internal.stream.Verdict;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.StreamScanResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When a scan whose state one server no longer keeps goes on at another. */
class ScanCourseTest {

    private static final long INDEX = 41;

    private final ScanCourse course = new ScanCourse(ScanSpec.all("users"), Scans.EVENTUAL, null, new Sink());

    @Test
    void shouldGoOnElsewhereWhatTheClusterMayKeep() throws Exception {
        course.received(message(), true, "server-0:1", 0);

        assertThat(course.failed(passed(INDEX, INDEX))).isInstanceOf(Verdict.AfterPause.class);
        assertThat(course.failed(passed(INDEX, 0))).isInstanceOf(Verdict.AfterPause.class);
        assertThat(course.failed(passed(INDEX, INDEX + 1))).isInstanceOf(Verdict.End.class);
    }

    @Test
    void shouldBeginElsewhereAtAnIndexThatTheClusterKeeps() {
        ReadAsk asOf = new ReadAsk(new ReadAsk.Base.AsOfIndex(INDEX), null, null, 0, "", null, false);
        ScanCourse unbegun = new ScanCourse(ScanSpec.all("users"), asOf, null, new Sink());

        assertThat(unbegun.failed(passed(INDEX, INDEX))).isInstanceOf(Verdict.AfterPause.class);
        assertThat(unbegun.failed(passed(INDEX, INDEX + 1))).isInstanceOf(Verdict.End.class);
    }

    @Test
    void shouldEndWhereNobodyCanSayThatTheStateIsKept() {
        assertThat(course.failed(passed(INDEX, 0))).isInstanceOf(Verdict.End.class);
        assertThat(course.failed(passed(0, 12))).isInstanceOf(Verdict.End.class);
    }

    @Test
    void shouldEndAfterManyServersThatDoNotKeepIt() throws Exception {
        course.received(message(), true, "server-0:1", 0);
        for (int i = 0; i < 7; i++) {
            assertThat(course.failed(passed(INDEX, 1))).isInstanceOf(Verdict.AfterPause.class);
        }

        assertThat(course.failed(passed(INDEX, 1))).isInstanceOf(Verdict.End.class);
    }

    private static StreamScanResponse message() {
        return StreamScanResponse.newBuilder()
                .setHeader(ResponseHeader.newBuilder().setHistoryId("h").setReadIndex(INDEX))
                .setResumeToken("token")
                .build();
    }

    private static TidemarkException passed(long asked, long cluster) {
        return new HorizonPassedException(new Failure("gone", "HORIZON_PASSED"), null, asked, cluster);
    }

    private static final class Sink implements ScanSink {

        @Override
        public void begun(ResponseHeader header, String address, long sentNanos, int attempts) {}

        @Override
        public void broke(TidemarkException failure) {}

        @Override
        public boolean hasRoom() {
            return true;
        }

        @Override
        public void rows(List<Row> rows, long bytes) {}

        @Override
        public void over(@Nullable TidemarkException failure) {}
    }
}
