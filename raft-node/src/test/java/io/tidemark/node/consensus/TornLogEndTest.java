// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.server.raftlog.segmented.LogSegmentPath;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is left of a write when the power goes in the middle of it. */
class TornLogEndTest {

    private static final int SECTOR = 512;
    private static final int ALLOTTED = 1 << 20;

    @TempDir
    private Path root;

    private TestGroup group;
    private Path log;
    private Path newest;
    private Path copy;
    private byte[] sound;
    private List<Long> entries;

    /** Which parts of the last write did not reach the disk. */
    enum Missing {
        BEGINNING {
            @Override
            void tear(byte[] file, int from, int end) {
                Arrays.fill(file, from, (from / SECTOR + 1) * SECTOR, (byte) 0);
            }
        },
        MIDDLE {
            @Override
            void tear(byte[] file, int from, int end) {
                int sector = ((from + end) / 2 / SECTOR) * SECTOR;
                Arrays.fill(file, sector, sector + SECTOR, (byte) 0);
            }
        },
        END {
            @Override
            void tear(byte[] file, int from, int end) {
                Arrays.fill(file, end - 5_000, end, (byte) 0);
            }
        },
        ALL_BUT_ONE_PAGE {
            @Override
            void tear(byte[] file, int from, int end) {
                int page = ((from + end) / 2 / SECTOR) * SECTOR;
                Arrays.fill(file, from, page, (byte) 0);
                Arrays.fill(file, page + 4_096, end, (byte) 0);
            }
        };

        abstract void tear(byte[] file, int from, int end);
    }

    @BeforeEach
    void write() throws IOException {
        group = TestGroup.of(root, Duration.ofMillis(300), "n1");
        for (int i = 0; i < 10; i++) {
            group.put("k" + i, "v".repeat(300));
        }
        log = NodeLayout.log(group.directory("n1"), new NodeIdentity(TestGroup.CLUSTER, "n1").group());
        group.kill("n1");
        List<LogSegmentPath> segments = LogFiles.in(log);
        newest = segments.get(segments.size() - 1).getPath();
        copy = root.resolve("copy");
        byte[] all = Files.readAllBytes(newest);
        int end = all.length;
        while (all[end - 1] == 0) {
            end--;
        }
        sound = Arrays.copyOf(all, end);
        entries = read();
    }

    @AfterEach
    void close() {
        group.close();
    }

    private List<Long> read() throws IOException {
        List<Long> indexes = new ArrayList<>();
        for (LogSegmentPath segment : LogFiles.in(log)) {
            LogFiles.read(segment, entry -> indexes.add(entry.getIndex()));
        }
        return indexes;
    }

    /** An entry as Ratis writes it. */
    private byte[] frame(int bytes) throws IOException {
        byte[] content = new byte[bytes];
        Arrays.fill(content, (byte) 'x');
        byte[] entry = LogEntryProto.newBuilder()
                .setTerm(1)
                .setIndex(entries.get(entries.size() - 1) + 1)
                .setStateMachineLogEntry(
                        StateMachineLogEntryProto.newBuilder().setLogData(ByteString.copyFrom(content)))
                .build()
                .toByteArray();
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        CodedOutputStream length = CodedOutputStream.newInstance(frame);
        length.writeUInt32NoTag(entry.length);
        length.flush();
        frame.write(entry);
        CRC32C sum = new CRC32C();
        sum.update(frame.toByteArray());
        new DataOutputStream(frame).writeInt((int) sum.getValue());
        return frame.toByteArray();
    }

    /** The log with this behind it, in a file that was allotted in zeros. */
    private byte[] followedBy(byte[] more) {
        byte[] file = Arrays.copyOf(sound, ALLOTTED);
        System.arraycopy(more, 0, file, sound.length, more.length);
        return file;
    }

    @ParameterizedTest
    @EnumSource
    void shouldCutOffWhatWasNotWrittenWhole(Missing missing) throws IOException {
        byte[] frame = frame(20_000);
        byte[] file = followedBy(frame);
        missing.tear(file, sound.length, sound.length + frame.length);
        Files.write(newest, file);

        TornLogEnd.cut(log, copy);

        assertThat(Files.readAllBytes(newest)).isEqualTo(sound);
        assertThat(read()).isEqualTo(entries);
        assertThat(Files.readAllBytes(copy))
                .isNotEmpty()
                .startsWith(Arrays.copyOfRange(file, sound.length, sound.length + 100));
    }

    @ParameterizedTest
    @EnumSource
    void shouldStartWithWhatWasWrittenWhole(Missing missing) throws IOException {
        byte[] frame = frame(20_000);
        byte[] file = followedBy(frame);
        missing.tear(file, sound.length, sound.length + frame.length);
        Files.write(newest, file);

        group.restart("n1");
        group.put("later", "v");

        group.assertAllEqual();
    }

    /** It may have been acknowledged, as far as anybody can tell. */
    @Test
    void shouldLeaveDamageThatIsNoTear() throws IOException {
        byte[] file = followedBy(frame(20_000));
        file[sound.length + 7_000] ^= 1;
        Files.write(newest, file);

        TornLogEnd.cut(log, copy);

        assertThat(Files.readAllBytes(newest)).isEqualTo(file);
        assertThat(copy).doesNotExist();
    }

    @Test
    void shouldLeaveWhatHasSoundEntriesBehindIt() throws IOException {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        int length = frame(20_000).length;
        both.write(frame(20_000));
        both.write(frame(100));
        byte[] file = followedBy(both.toByteArray());
        Missing.MIDDLE.tear(file, sound.length, sound.length + length);
        Files.write(newest, file);

        TornLogEnd.cut(log, copy);

        assertThat(Files.readAllBytes(newest)).isEqualTo(file);
        assertThat(copy).doesNotExist();
    }

    @Test
    void shouldLeaveASoundLog() throws IOException {
        byte[] file = followedBy(frame(20_000));
        Files.write(newest, file);

        TornLogEnd.cut(log, copy);

        assertThat(Files.readAllBytes(newest)).isEqualTo(file);
    }
}
