package io.sluice.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testing.RespClient;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The demo as people start it: in a JVM of its own, ended by signals. */
class DemoIT {

    @Test
    void answersThroughItsProxyAcrossServers() throws Exception {
        try (DemoJvm demo = DemoJvm.start("--shards", "3")) {
            demo.awaitBanner();
            try (RespClient client = new RespClient(demo.port())) {
                client.call("MSET", "user:1001", "ada", "user:1002", "bob", "user:1003", "cyd");

                Object reply = client.call("MGET", "user:1003", "missing", "user:1001", "user:1002");

                assertThat(reply).isEqualTo(Arrays.asList("cyd", null, "ada", "bob"));
            }
        }
    }

    @Test
    void bothProxiesServeOneClusterThatCtlSees() throws Exception {
        try (DemoJvm demo = DemoJvm.start("--shards", "3")) {
            List<String> banner = demo.awaitBanner();
            String manager = "http://127.0.0.1:" + port(banner, "manager");
            try (RespClient first = new RespClient(port(banner, "proxy-1"));
                    RespClient second = new RespClient(port(banner, "proxy-2"))) {
                first.call("MSET", "user:1001", "ada", "user:1002", "bob");

                assertThat(second.call("MGET", "user:1002", "user:1001")).isEqualTo(List.of("bob", "ada"));
            }

            CommandRun change = CommandRun.of("ctl", "--manager", manager, "pool", "create", "second", "--yes");
            CommandRun proxies = CommandRun.of("ctl", "--manager", manager, "proxies");
            CommandRun slots = CommandRun.of("ctl", "--manager", manager, "slots", "show", "--pool", "demo");

            assertThat(change.out()).contains("Applied: the cluster is at epoch 6.", "All 2 proxies serve it.");
            assertThat(change.exitCode()).isZero();
            assertThat(proxies.out()).containsPattern("proxy-1 +ok +epoch 6").containsPattern("proxy-2 +ok +epoch 6");
            assertThat(slots.out()).contains("shard-1", "shard-2", "shard-3").doesNotContain("nobody");
        }
    }

    private static int port(List<String> banner, String row) {
        Matcher address = Pattern.compile(row + " +127\\.0\\.0\\.1:(\\d+) ").matcher(String.join("\n", banner));
        assertThat(address.find()).as(row).isTrue();
        return Integer.parseInt(address.group(1));
    }

    /** Two at once: at most one of them has the usual admin port. */
    @Test
    void eachDemoHasAnAdminAddressThatItNames() throws Exception {
        try (DemoJvm first = DemoJvm.start("--shards", "1");
                DemoJvm second = DemoJvm.start("--shards", "1")) {
            int firstPort = adminPort(first.awaitBanner());
            int secondPort = adminPort(second.awaitBanner());

            assertThat(firstPort).isNotEqualTo(secondPort);
            assertThat(List.of(firstPort, secondPort)).allMatch(DemoJvm::accepts);
        }
    }

    private static int adminPort(List<String> banner) {
        Matcher address =
                Pattern.compile("admin +http://127\\.0\\.0\\.1:(\\d+) ").matcher(String.join("\n", banner));
        assertThat(address.find()).isTrue();
        return Integer.parseInt(address.group(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void aSignalStopsEverythingAndExitsWithZero(String signal) throws Exception {
        try (DemoJvm demo = DemoJvm.start("--shards", "2")) {
            demo.awaitBanner();

            demo.signal(signal);

            assertThat(demo.awaitExit()).isZero();
            demo.awaitNothingLeft();
        }
    }

    @Test
    void killingItLeavesNoServerAndNoFolder() throws Exception {
        try (DemoJvm demo = DemoJvm.start("--shards", "2")) {
            demo.awaitBanner();
            assertThat(demo.serverPorts()).hasSize(2).allMatch(DemoJvm::accepts);

            demo.signal("KILL");

            demo.awaitExit();
            demo.awaitNothingLeft();
        }
    }

    @Test
    void bringsItsOwnServerWhereNoneIsInstalled() throws Exception {
        try (DemoJvm demo = DemoJvm.startWithBundledRedis("--shards", "1")) {
            List<String> banner = demo.awaitBanner();

            assertThat(banner).anyMatch(line -> line.contains("bundled with Sluice"));
            assertThat(demo.serverPorts()).hasSize(1).allMatch(DemoJvm::accepts);
        }
    }

    @Test
    void aTakenPortIsOneLineAndStartsNothing() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                DemoJvm demo = DemoJvm.startOn(taken.getLocalPort())) {
            int exitCode = demo.awaitExit();

            assertThat(exitCode).isEqualTo(1);
            assertThat(demo.output())
                    .singleElement()
                    .asString()
                    .contains("127.0.0.1:" + taken.getLocalPort(), "--port");
        }
    }

    @Test
    void serversThatCannotStartAreOneLineAndLeaveNothing() throws Exception {
        try (DemoJvm demo = DemoJvm.startWithRedis("/bin/false")) {
            int exitCode = demo.awaitExit();

            assertThat(exitCode).isEqualTo(1);
            assertThat(demo.output()).singleElement().asString().contains("shard-1 ended at once");
            demo.awaitNothingLeft();
        }
    }
}
