// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.store.state.StoreOptions;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys.Log.CorruptionPolicy;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.server.storage.RaftStorageDirectory;
import org.apache.ratis.server.storage.RaftStorageMetadataFile;
import org.apache.ratis.util.LifeCycle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PausedMachineTest {

    static final RaftServer NOT_ASKED = (RaftServer) Proxy.newProxyInstance(
            RaftServer.class.getClassLoader(), new Class<?>[] {RaftServer.class}, (proxy, method, arguments) -> {
                if (method.getName().equals("getId")) {
                    return RaftPeerId.valueOf("n1");
                }
                throw new UnsupportedOperationException(method.getName());
            });

    @TempDir
    private Path root;

    /** Where publishing the files of a checkpoint failed Ratis begins again, with a machine that is paused already. */
    @Test
    void shouldTakeASecondPauseWhenTheFirstLedToNothing() throws Exception {
        StoreStateMachine machine = new StoreStateMachine(
                new NodeStore(root, StoreOptions.defaults()),
                new PendingProposals(),
                new ConsensusListener() {
                    @Override
                    public void stopped(String reason, Throwable cause) {
                        throw new AssertionError(reason, cause);
                    }
                },
                new CommitPush(),
                index -> false,
                new LogGrowth(100, 1 << 20));
        Storage storage = Storage.in(root.resolve("raft"));
        machine.initialize(NOT_ASKED, RaftGroupId.randomId(), storage);
        assertThat(machine.getLifeCycleState()).isEqualTo(LifeCycle.State.RUNNING);

        machine.pause();
        assertThat(machine.getLifeCycleState()).isEqualTo(LifeCycle.State.PAUSED);
        machine.pause();
        assertThat(machine.getLifeCycleState()).isEqualTo(LifeCycle.State.PAUSED);
    }

    /** Directories, and nothing in them. */
    record Storage(Path home) implements RaftStorage, RaftStorageDirectory {

        static Storage in(Path home) throws IOException {
            Storage storage = new Storage(home);
            Files.createDirectories(storage.getCurrentDir().toPath());
            Files.createDirectories(storage.getTmpDir().toPath());
            Files.createDirectories(storage.getStateMachineDir().toPath());
            return storage;
        }

        @Override
        public File getRoot() {
            return home.toFile();
        }

        @Override
        public RaftStorageDirectory getStorageDir() {
            return this;
        }

        @Override
        public boolean isHealthy() {
            return true;
        }

        @Override
        public CorruptionPolicy getLogCorruptionPolicy() {
            return CorruptionPolicy.EXCEPTION;
        }

        @Override
        public RaftStorageMetadataFile getMetadataFile() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void initialize() throws IOException {}

        @Override
        public void close() {}
    }
}
