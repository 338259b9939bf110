// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.feed;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.UnsafeByteOperations;
import io.tidemark.proto.v1.FeedCommit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Commits that follow one another in the memory of {@link RecentCommits}. Never changes. */
sealed interface CommitBlock {

    /** The index of the last. */
    long last();

    /** What its commits take, near enough. */
    long bytes();

    /** Those behind an index, in order. */
    List<CommitEffects> behind(long index);

    /** As they were made. */
    record Fresh(List<CommitEffects> commits, long bytes) implements CommitBlock {

        static Fresh of(List<CommitEffects> commits) {
            long bytes = 0;
            for (CommitEffects commit : commits) {
                bytes += commit.bytes();
            }
            return new Fresh(List.copyOf(commits), bytes);
        }

        @Override
        public long last() {
            return commits.get(commits.size() - 1).index();
        }

        @Override
        public List<CommitEffects> behind(long index) {
            return index < commits.get(0).index()
                    ? commits
                    : commits.stream().filter(commit -> commit.index() > index).toList();
        }

        Packed packed() {
            List<FeedCommit> messages = new ArrayList<>(commits.size());
            int size = 0;
            for (CommitEffects commit : commits) {
                FeedCommit message = commit.forAll();
                messages.add(message);
                size += CodedOutputStream.computeUInt64SizeNoTag(message.getIndex())
                        + CodedOutputStream.computeUInt64SizeNoTag(commit.bytes())
                        + CodedOutputStream.computeMessageSizeNoTag(message);
            }
            byte[] packed = new byte[size];
            CodedOutputStream out = CodedOutputStream.newInstance(packed);
            try {
                for (int i = 0; i < messages.size(); i++) {
                    out.writeUInt64NoTag(messages.get(i).getIndex());
                    out.writeUInt64NoTag(commits.get(i).bytes());
                    out.writeMessageNoTag(messages.get(i));
                }
                out.checkNoSpaceLeft();
            } catch (IOException e) {
                throw new IllegalStateException("an array took no bytes", e);
            }
            return new Packed(UnsafeByteOperations.unsafeWrap(packed), last(), bytes);
        }
    }

    /**
     * As bytes, for each commit its index, its size and its message: as objects they would outnumber all else on the heap. What
     * is read shares the bytes.
     */
    record Packed(ByteString packed, long last, long bytes) implements CommitBlock {

        @Override
        public List<CommitEffects> behind(long index) {
            List<CommitEffects> commits = new ArrayList<>();
            CodedInputStream in = packed.newCodedInput();
            in.enableAliasing(true);
            try {
                while (!in.isAtEnd()) {
                    long next = in.readUInt64();
                    long size = in.readUInt64();
                    int length = in.readRawVarint32();
                    if (next <= index) {
                        in.skipRawBytes(length);
                    } else {
                        int limit = in.pushLimit(length);
                        FeedCommit message =
                                FeedCommit.parser().parseFrom(in, ExtensionRegistryLite.getEmptyRegistry());
                        in.popLimit(limit);
                        commits.add(CommitEffects.ofPacked(message, size));
                    }
                }
            } catch (IOException e) {
                throw new IllegalStateException("commits up to " + last + " in memory are unreadable", e);
            }
            return commits;
        }
    }
}
