package io.sluice.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testing.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sluice manager} as users start it. */
class ManagerIT {

    @TempDir
    private Path folder;

    private final int api = FreePorts.next();
    private final int zooKeeper = FreePorts.next();

    @Test
    void withAZooKeeperOfItsOwnItLeadsAndSaysWhereEverythingIs() throws Exception {
        try (ProxyJvm manager = start("cluster: blue")) {
            manager.awaitLine("The cluster manager is ready: ");
            manager.awaitLine("Leading: manager=");

            manager.signal("TERM");

            assertThat(manager.awaitExit()).isZero();
            assertThat(manager.output())
                    .contains("ZooKeeper runs in this process: listen=127.0.0.1:" + zooKeeper + " folder=" + folder
                            + "/state/sluice/manager-blue")
                    .contains("term=1 epoch=0 api=http://127.0.0.1:" + api)
                    .contains("Stopped: manager=")
                    .doesNotContain("Exception", "\tat ");
        }
        try (ProxyJvm again = start("cluster: blue")) {
            again.awaitLine("term=2 epoch=0");
        }
    }

    @Test
    void aSecondManagerOnTheSameFolderIsRefused() throws Exception {
        try (ProxyJvm first = start("data_dir: " + folder + "/data")) {
            first.awaitLine("The cluster manager is ready: ");

            try (ProxyJvm second = start("data_dir: " + folder + "/data")) {
                assertThat(second.awaitExit()).isEqualTo(1);
                assertThat(second.output())
                        .contains("sluice manager: " + folder + "/data: another manager has this folder")
                        .doesNotContain("\tat ");
            }
        }
    }

    @Test
    void aFileCanBeCheckedWithoutStartingAnything() throws Exception {
        CommandRun good = CommandRun.of("manager", "--check", "--config", write("cluster: blue"));
        CommandRun bad = CommandRun.of("manager", "--check", "--config", write("clutser: blue"));

        assertThat(good.exitCode()).isZero();
        assertThat(bad.exitCode()).isEqualTo(2);
        assertThat(bad.err()).contains("manager.yaml:1:1: clutser: unknown key; did you mean 'cluster'?");
    }

    private ProxyJvm start(String line) throws IOException {
        Map<String, String> environment = Map.of("XDG_STATE_HOME", folder + "/state", "STATE_DIRECTORY", "");
        return ProxyJvm.startCommand("manager", folder, environment, "--config", write(line));
    }

    private String write(String line) throws IOException {
        return Files.writeString(folder.resolve("manager.yaml"), """
                        %s
                        listen: 127.0.0.1:%d
                        embedded_zookeeper: {listen: '127.0.0.1:%d'}
                        """.formatted(line, api, zooKeeper))
                .toString();
    }
}
