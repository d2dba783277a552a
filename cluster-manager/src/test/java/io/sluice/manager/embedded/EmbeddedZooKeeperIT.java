package io.sluice.manager.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedZooKeeperIT {

    private static final String LOOPBACK = "127.0.0.1";

    @TempDir
    private Path folder;

    @Test
    void whatItIsToldIsThereAfterARestart() throws Exception {
        Path data = folder.resolve("new/folder");
        try (EmbeddedZooKeeper first = EmbeddedZooKeeper.start(data, LOOPBACK, 0);
                CuratorFramework client = client(first)) {
            client.create().forPath("/kept", "word".getBytes(StandardCharsets.UTF_8));
        }

        try (EmbeddedZooKeeper second = EmbeddedZooKeeper.start(data, LOOPBACK, 0);
                CuratorFramework client = client(second)) {
            assertThat(client.getData().forPath("/kept")).asString().isEqualTo("word");
            try (Stream<Path> files = Files.list(data)) {
                assertThat(files.filter(file -> file.toString().endsWith(".properties")))
                        .hasSize(1);
            }
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void aFolderThatIsInUseIsRefused() throws Exception {
        try (EmbeddedZooKeeper first = EmbeddedZooKeeper.start(folder, LOOPBACK, 0)) {
            assertThatThrownBy(() -> EmbeddedZooKeeper.start(first.folder(), LOOPBACK, 0))
                    .isInstanceOf(EmbeddedStartException.class)
                    .hasMessageContaining(folder + ": another manager has this folder");
        }
    }

    @Test
    void anAddressThatIsTakenIsSaidAndTheFolderIsFreeAgain() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> EmbeddedZooKeeper.start(folder, LOOPBACK, other.getLocalPort()))
                    .isInstanceOf(EmbeddedStartException.class)
                    .hasMessageContaining("cannot listen at 127.0.0.1:" + other.getLocalPort())
                    .hasMessageContaining("embedded_zookeeper.listen");
        }
        EmbeddedZooKeeper.start(folder, LOOPBACK, 0).close();
    }

    @Test
    void aFileIsNoFolder() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));

        assertThatThrownBy(() -> EmbeddedZooKeeper.start(file, LOOPBACK, 0))
                .hasMessageContaining("is no folder; choose another 'data_dir'");
    }

    private static CuratorFramework client(EmbeddedZooKeeper server) {
        CuratorFramework client = CuratorFrameworkFactory.newClient(server.connect(), new RetryOneTime(100));
        client.start();
        return client;
    }
}
