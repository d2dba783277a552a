package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.sluice.manager.api.Answers.ErrorAnswer;
import io.sluice.manager.api.Answers.PlanAnswer;
import io.sluice.manager.api.ApiJson;
import io.sluice.manager.api.ApiServer;
import io.sluice.manager.api.ApiTokens;
import io.sluice.manager.balance.Rebalancing;
import io.sluice.manager.balance.ServerLoads;
import io.sluice.manager.change.ClusterDesk;
import io.sluice.manager.config.ApiToken;
import io.sluice.manager.failover.ShardStatus;
import io.sluice.manager.migration.engine.CopyLimits;
import io.sluice.manager.redis.PoolLogins;
import io.sluice.manager.testing.MemoryCluster;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.routing.topology.ServerAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CtlIT {

    @TempDir
    private Path folder;

    private final MemoryCluster cluster = new MemoryCluster();
    private volatile List<ShardStatus> statuses = List.of();
    private final List<ApiServer> servers = new ArrayList<>();
    private final ApiServer api = server(cluster, ApiTokens.NONE);

    private ApiServer server(MemoryCluster of, ApiTokens tokens) {
        try {
            ApiServer server = new ApiServer(
                    of.cluster(),
                    new ClusterDesk(of.cluster(), () -> MemoryCluster.NOW),
                    List::of,
                    List::of,
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                    tokens,
                    "m1",
                    () -> MemoryCluster.NOW,
                    () -> statuses,
                    new Rebalancing(new ServerLoads(PoolLogins.NONE), CopyLimits.DEFAULTS));
            servers.add(server);
            return server;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void stop() {
        servers.forEach(ApiServer::close);
    }

    private static String url(ApiServer server) {
        return "http://127.0.0.1:" + server.address().getPort();
    }

    private CtlRun ctl(String line) {
        return ctl(CtlRun.NOBODY, line);
    }

    private CtlRun ctl(Terminal terminal, String line) {
        return CtlRun.of(terminal, ("--manager " + url(api) + " " + line).split(" "));
    }

    private CtlRun done(String line) {
        CtlRun run = ctl(line + " --yes");
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).as(run.out()).isZero();
        return run;
    }

    private void twoShards() {
        done("pool create sessions");
        done("shard add s1 10.0.0.1:6379 --replica 10.0.0.2:6379");
        done("shard add s2 10.0.0.3:6379");
        done("slots assign --free");
    }

    private static void hasLines(CtlRun run, String... lines) {
        assertThat(run.err()).isEmpty();
        assertThat(run.out().lines()).containsExactly(lines);
    }

    @Test
    void aClusterIsMadeFromNothing() {
        cluster.withProxy("p1");
        hasLines(ctl("pools"), "There is no pool yet. Make one: sluice ctl pool create NAME");
        hasLines(
                done("pool create sessions"),
                "Plan at epoch 0: pool create sessions",
                "  + pool sessions: redis, 16384 slots (crc16), 0 shards",
                "Warning: pool sessions: it has no shard yet, so every request gets an error",
                "Applied: the cluster is at epoch 1.",
                "The only proxy serves it.");
        done("shard add s1 10.0.0.1:6379 --replica 10.0.0.2:6379");
        done("shard add s2 10.0.0.3:6379");
        hasLines(
                done("slots assign --free"),
                "Plan at epoch 3: slots assign --free in sessions",
                "  ~ pool sessions: slots 0-8191 (8192): nobody -> s1",
                "  ~ pool sessions: slots 8192-16383 (8192): nobody -> s2",
                "Applied: the cluster is at epoch 4.",
                "The only proxy serves it.");
        hasLines(
                ctl("pools"),
                "POOL       PROTOCOL   KEYS BY               SIZE       STATE",
                "sessions   redis      16384 slots (crc16)   2 shards   ok");
        hasLines(
                ctl("pools sessions"),
                "POOL       PROTOCOL   KEYS BY               SIZE       STATE",
                "sessions   redis      16384 slots (crc16)   2 shards   ok",
                "",
                "SHARD   PRIMARY         REPLICAS        SLOTS   SHARE    OWNS",
                "s1      10.0.0.1:6379   10.0.0.2:6379   8192    50.0 %   0-8191",
                "s2      10.0.0.3:6379   -               8192    50.0 %   8192-16383");
        hasLines(
                ctl("slots show"),
                "SLOTS        COUNT   SHARD   PRIMARY",
                "0-8191       8192    s1      10.0.0.1:6379",
                "8192-16383   8192    s2      10.0.0.3:6379");
        hasLines(
                ctl("explain foo {foo}:a bar"),
                "KEY       HASHED PART   POSITION     SERVER   ADDRESS",
                "foo       foo           slot 12182   s2       10.0.0.3:6379",
                "{foo}:a   foo           slot 12182   s2       10.0.0.3:6379",
                "bar       bar           slot 5061    s1       10.0.0.1:6379");
    }

    @Test
    void aRingIsMadeWithItsServers() {
        CtlRun run = CtlRun.of(
                CtlRun.NOBODY,
                "--manager",
                url(api),
                "pool",
                "create",
                "pages",
                "--protocol",
                "memcache",
                "--distribution",
                "ketama",
                "--hash-tag",
                "{}",
                "--server",
                "10.0.0.5:11211:1 alpha",
                "--server",
                "10.0.0.6:11211:2 beta",
                "-y",
                "--no-wait");
        hasLines(
                run,
                "Plan at epoch 0: pool create pages",
                "  + pool pages: memcache, ketama (fnv1a_64, hash tag {}), 2 servers",
                "  + pool pages: server beta at 10.0.0.6:11211, weight 2",
                "  + pool pages: server alpha at 10.0.0.5:11211, weight 1",
                "Applied: the cluster is at epoch 1.");
        hasLines(
                ctl("pools pages"),
                "POOL    PROTOCOL   KEYS BY                     SIZE        STATE",
                "pages   memcache   ketama (fnv1a_64, tag {})   2 servers   ok",
                "",
                "SERVER   ADDRESS          WEIGHT",
                "beta     10.0.0.6:11211   2",
                "alpha    10.0.0.5:11211   1");
        assertThat(done("server drain beta --pool pages --window 10m").out())
                .contains("keys get another server, by a cache window of 600 s")
                .contains("- pool pages: in the end, server beta");
        assertThat(ctl("migrations").out()).contains("cache", "beta", "prepare");
        assertThat(ctl("server remove alpha --pool pages --force --yes").err()).contains("is on its way");
    }

    @Test
    void theTopologyIsShownChangedAndApplied() throws Exception {
        twoShards();
        CtlRun shown = ctl("topology show");
        Path file = folder.resolve("cluster.json");
        Files.writeString(file, shown.out());

        hasLines(ctl("topology diff " + file), "Nothing changes: the cluster has it like that already, at epoch 4.");
        Files.writeString(file, shown.out().replace("10.0.0.3:6379", "10.0.0.4:6379"));
        hasLines(
                ctl("topology diff " + file),
                "Plan at epoch 4: topology apply " + file + " --force",
                "  ~ pool sessions: shard s2: primary 10.0.0.3:6379 -> 10.0.0.4:6379",
                "Warning: pool sessions: shard s2 would get the primary 10.0.0.4:6379, which was no server of it: what is"
                        + " stored stays where it is, and is not found there.");
        CtlRun refused = ctl("topology apply " + file + " --yes");
        assertThat(refused.exitCode()).isEqualTo(CtlExit.REFUSED);
        assertThat(refused.err()).contains("which was no server of it", "--force", "nothing was changed");
        assertThat(cluster.topology().epoch()).isEqualTo(4);
        done("topology apply " + file + " --expect-epoch 4 --force");
        assertThat(TopologyDocument.text(cluster.topology())).contains("10.0.0.4:6379");
    }

    @Test
    void aFileThatIsWrongIsToldWithLineAndKey() throws Exception {
        Path file = folder.resolve("bad.yaml");
        Files.writeString(file, "format: 1\npools:\n  a:\n    distribution: slots\n    shard: {}\n    slots: 7\n");

        CtlRun run = ctl("topology apply " + file);

        assertThat(run.exitCode()).isEqualTo(CtlExit.BAD_INPUT);
        assertThat(run.err().lines())
                .containsExactly(
                        "ctl topology apply: " + file + ":5:5: pools.a.shard: unknown key; did you mean 'shards'?",
                        "  " + file
                                + ":6:12: pools.a.slots: '7' is not a number of slots; expected one of 16384, 1024");
        CtlRun missing = ctl("topology apply " + folder.resolve("none.json"));
        assertThat(missing.exitCode()).isEqualTo(CtlExit.BAD_INPUT);
        assertThat(missing.err()).contains("none.json: no such file");
    }

    @Test
    void optionsThatAreWrongAreToldAllAtOnce() {
        done("pool create sessions");

        CtlRun run = ctl("shard add s1 10.0.0.1 --slots 9-3");

        assertThat(run.exitCode()).isEqualTo(CtlExit.BAD_INPUT);
        assertThat(run.err().lines())
                .containsExactly(
                        "ctl shard add: primary: '10.0.0.1' is not a server; expected host:port, or the path of a unix"
                                + " socket",
                        "  slots: '9-3' is not a set of slots; expected slots of 0-16383, each once, such as"
                                + " 0-8191,9000");
    }

    @Test
    void aPoolThatIsMisspeltIsGuessed() {
        twoShards();

        CtlRun read = ctl("pools sesions");
        CtlRun change = ctl("shard remove s1 --pool sesions");

        assertThat(read.exitCode()).isEqualTo(CtlExit.BAD_INPUT);
        assertThat(read.err()).startsWith("ctl pools: no pool 'sesions'; did you mean 'sessions'?");
        assertThat(change.exitCode()).isEqualTo(CtlExit.REFUSED);
        assertThat(change.err()).startsWith("ctl shard remove: no pool 'sesions'; did you mean 'sessions'?");
    }

    @Test
    void whichPoolIsAskedWhereThereAreSeveral() {
        assertThat(ctl("slots show").err()).contains("there is no pool yet", "pool create");
        done("pool create one");
        done("pool create two");

        CtlRun run = ctl("slots show");

        assertThat(run.exitCode()).isEqualTo(CtlExit.BAD_INPUT);
        assertThat(run.err()).contains("which pool? There are: one, two", "--pool NAME");
    }

    @Test
    void aRefusalSaysWhatToDo() {
        twoShards();

        CtlRun run = ctl("shard remove s1 --yes");

        assertThat(run.exitCode()).isEqualTo(CtlExit.REFUSED);
        assertThat(run.err())
                .isEqualTo("ctl shard remove: shard 's1' owns slots 0-8191 (8192); 'shard drain' moves them to others"
                        + System.lineSeparator() + "  (nothing was changed)" + System.lineSeparator());
    }

    @Test
    void slotsOfOthersNeedForce() {
        twoShards();

        assertThat(ctl("slots assign s2 0-99 --yes").exitCode()).isEqualTo(CtlExit.REFUSED);
        assertThat(done("slots assign s2 0-99 --force").out())
                .contains("~ pool sessions: slots 0-99 (100): s1 -> s2", "Warning: ", "would change hands");
        assertThat(ctl("slots assign s2").exitCode()).isEqualTo(CtlExit.BAD_INPUT);
        assertThat(ctl("slots assign s2 1 --free").exitCode()).isEqualTo(CtlExit.BAD_INPUT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"shard add s3 10.0.0.9:6379 --dry-run", "plan shard add s3 10.0.0.9:6379"})
    void aPlanChangesNothing(String line) {
        twoShards();

        hasLines(
                ctl(line),
                "Plan at epoch 4: shard add s3 to sessions",
                "  + pool sessions: shard s3: primary 10.0.0.9:6379, no slots");
        assertThat(cluster.topology().epoch()).isEqualTo(4);
    }

    @Test
    void nobodyToAskIsNoConsent() {
        CtlRun run = ctl("pool create sessions");

        assertThat(run.exitCode()).isEqualTo(CtlExit.BAD_INPUT);
        assertThat(run.err()).contains("nobody to ask, so nothing was changed", "--yes", "--dry-run");
        assertThat(cluster.topology()).isEqualTo(Topology.NONE);
    }

    @Test
    void whoSaysNoChangesNothingAndWhoSaysYesDoes() {
        CtlRun no = ctl(CtlRun.typing(""), "pool create sessions");
        assertThat(no.exitCode()).isEqualTo(CtlExit.REFUSED);
        assertThat(no.out()).contains("Apply? [y/N] ");
        assertThat(cluster.topology()).isEqualTo(Topology.NONE);

        assertThat(ctl(CtlRun.typing("y"), "pool create sessions").exitCode()).isZero();
        assertThat(cluster.topology().epoch()).isEqualTo(1);
    }

    @Test
    void whoChangesAfterThePlanIsNotOverwritten() {
        Terminal slow = (out, question) -> {
            done("pool create theirs");
            return Optional.of("y");
        };

        CtlRun run = ctl(slow, "pool create ours");

        assertThat(run.exitCode()).isEqualTo(CtlExit.REFUSED);
        assertThat(run.err()).contains("at epoch 1 by now, not 0", "plan again");
        assertThat(cluster.topology().pools()).containsOnlyKeys("theirs");
        assertThat(ctl("pool create ours --yes --expect-epoch 0").exitCode()).isEqualTo(CtlExit.REFUSED);
    }

    @Test
    void proxiesThatDoNotFollowAreNamed() {
        cluster.withProxy("p1")
                .withProxy("p2", true, 0, 1, "pool sessions: nobody listens for it")
                .withProxy("p4", false, 0, 0, "");

        CtlRun run = ctl("pool create sessions --yes");

        assertThat(run.exitCode()).isEqualTo(CtlExit.FAILED);
        assertThat(run.out().lines())
                .endsWith(
                        "Applied: the cluster is at epoch 1.",
                        "1 of 2 proxies serve epoch 1. Not yet:",
                        "  p2: serves epoch 0, refuses 1: pool sessions: nobody listens for it",
                        "(p4 is registered and not alive; if it is gone for good: sluice ctl proxies remove p4)");
        hasLines(
                ctl("proxies"),
                "The cluster is at epoch 1.",
                "PROXY   STATE     SERVES    HEARTBEAT   VERSION   POOLS                    ADMIN",
                "p1      ok        epoch 1   0.4 s ago   0.1.0     sessions 0.0.0.0:22121   http://10.0.0.9:9600",
                "p2      refuses   epoch 0   0.4 s ago   0.1.0     sessions 0.0.0.0:22121   http://10.0.0.9:9600",
                "p4      gone      epoch 0   0.4 s ago   0.1.0     sessions 0.0.0.0:22121   http://10.0.0.9:9600",
                "p2 refuses epoch 1: pool sessions: nobody listens for it");
    }

    @Test
    void aProxyThatIsLateIsWaitedForOnlySoLong() {
        cluster.withProxy("p1", true, 0, 0, "");

        CtlRun run = ctl("pool create sessions --yes --wait 200ms");

        assertThat(run.exitCode()).isEqualTo(CtlExit.FAILED);
        assertThat(run.out()).contains("0 of 1 proxies serve epoch 1", "p1: serves epoch 0, heartbeat 0.4 s ago");
        assertThat(ctl("pool create b --yes --wait soon").exitCode()).isEqualTo(CtlExit.BAD_INPUT);
        assertThat(ctl("pool create b --yes --wait 11m").exitCode()).isEqualTo(CtlExit.BAD_INPUT);
        assertThat(cluster.topology().epoch()).isEqualTo(1);
    }

    @Test
    void aProxyThatDiedIsForgottenByWhoSaysSo() {
        cluster.withProxy("p1").withProxy("p2", false, 0, 0, "");

        assertThat(ctl("proxies remove p2").exitCode()).isEqualTo(CtlExit.BAD_INPUT);
        assertThat(ctl(CtlRun.typing("n"), "proxies remove p2").exitCode()).isEqualTo(CtlExit.REFUSED);
        assertThat(ctl("proxies remove p1 --yes").exitCode()).isEqualTo(CtlExit.REFUSED);
        CtlRun run = ctl(CtlRun.typing("y"), "proxies remove p2");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("Removed p2. Assumed: the process has ended");
        assertThat(ctl("proxies").out()).doesNotContain("p2");
    }

    @Test
    void theHistoryTellsWhoAndWhat() {
        done("pool create sessions");

        hasLines(
                ctl("history"),
                "2026-11-21T12:00:00Z  epoch 0 -> 1  pool create sessions  (" + System.getProperty("user.name")
                        + " from 127.0.0.1)",
                "    + pool sessions: redis, 16384 slots (crc16), 0 shards");
        assertThat(ctl("history --limit 0").exitCode()).isEqualTo(CtlExit.BAD_INPUT);
    }

    @Test
    void programsReadJson() {
        PlanAnswer plan = json(ctl("pool create sessions --dry-run --json"), PlanAnswer.class);
        PlanAnswer done = json(done("pool create sessions --json"), PlanAnswer.class);
        CtlRun failed = ctl("pool create sessions --yes --json");

        assertThat(plan.newEpoch()).isNull();
        assertThat(done.newEpoch()).isEqualTo(1);
        assertThat(failed.exitCode()).isEqualTo(CtlExit.REFUSED);
        assertThat(failed.err()).isEmpty();
        assertThat(json(failed, ErrorAnswer.class).error()).isEqualTo("refused");
        for (String line : List.of("pools", "proxies", "history", "topology show", "slots show", "explain k")) {
            Map<?, ?> answer = json(ctl(line + " --json"), Map.class);
            assertThat(answer.keySet()).as(line).isNotEmpty();
        }
    }

    private static <T> T json(CtlRun run, Class<T> type) {
        return ApiJson.read(run.out(), type).orElseThrow();
    }

    @Test
    void nobodyAnswers() throws Exception {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }

        CtlRun run = CtlRun.of(CtlRun.NOBODY, "pools", "--manager", "http://127.0.0.1:" + free);

        assertThat(run.exitCode()).isEqualTo(CtlExit.UNREACHABLE);
        assertThat(run.err())
                .contains("no manager answers: http://127.0.0.1:" + free + " (connection refused)", "SLUICE_MANAGER");
        assertThat(CtlRun.of(CtlRun.NOBODY, "pools", "--manager", "http://127.0.0.1:" + free + "," + url(api))
                        .exitCode())
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:9700", "ftp://h:1", "http://", "http://h:1/path", "http://h:1 x", ","})
    void whatIsNoUrlIsToldSo(String url) {
        CtlRun run = CtlRun.of(CtlRun.NOBODY, "pools", "--manager", url);

        assertThat(run.exitCode()).isEqualTo(CtlExit.BAD_INPUT);
        assertThat(run.err()).contains("--manager: ", "http://");
    }

    @Test
    void whoeverIsNoManagerIsFoundOut() throws Exception {
        var web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.createContext("/", exchange -> {
            byte[] page = "<html>not found</html>".getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(404, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        web.start();
        try {
            CtlRun run = CtlRun.of(
                    CtlRun.NOBODY,
                    "pools",
                    "--manager",
                    "http://127.0.0.1:" + web.getAddress().getPort());

            assertThat(run.exitCode()).isEqualTo(CtlExit.UNREACHABLE);
            assertThat(run.err()).contains("answers, but is no manager (status 404)");
        } finally {
            web.stop(0);
        }
    }

    @Test
    void theLeaderIsFollowed() {
        MemoryCluster follower = new MemoryCluster();
        follower.ledBy(url(api));
        ApiServer standby = server(follower, ApiTokens.NONE);

        CtlRun run =
                CtlRun.of(CtlRun.NOBODY, "pool", "create", "sessions", "--yes", "--no-wait", "--manager", url(standby));

        assertThat(run.err()).isEmpty();
        assertThat(cluster.topology().pools()).containsOnlyKeys("sessions");
        assertThat(follower.topology()).isEqualTo(Topology.NONE);
    }

    @Test
    void aLeaderThatDoesNotAnswerIsToldApartFromNoManager() throws Exception {
        int nobody;
        try (ServerSocket free = new ServerSocket(0)) {
            nobody = free.getLocalPort();
        }
        cluster.ledBy("http://127.0.0.1:" + nobody);

        CtlRun run = ctl("pool create sessions --yes");

        assertThat(run.exitCode()).isEqualTo(CtlExit.UNREACHABLE);
        assertThat(run.err())
                .contains("no leader answers: " + url(api) + " says that another one leads: http://127.0.0.1:" + nobody
                        + " (connection refused)")
                .contains("try again", "'url'");
    }

    @Test
    void showsHowPrimariesAreFollowed() {
        ServerAddress primary = ServerAddress.tcp("10.0.0.1", 6379);
        statuses = List.of(
                new ShardStatus("sessions", "s1", primary, "sentinel", ""),
                new ShardStatus("sessions", "s2", primary, "role", "two primaries: left and right"));

        hasLines(
                ctl("failover"),
                "POOL       SHARD   PRIMARY         FOLLOWED BY   STATE",
                "sessions   s1      10.0.0.1:6379   sentinel      ok",
                "sessions   s2      10.0.0.1:6379   role          look",
                "sessions/s2: two primaries: left and right");
        assertThat(ctl("failover --json").out()).contains("\"note\": \"two primaries: left and right\"");
        statuses = List.of();
        assertThat(ctl("failover").out()).startsWith("Nobody's primary is followed");
    }

    @Test
    void onlyWhoLeadsKnowsHowPrimariesAreFollowed() {
        MemoryCluster follower = new MemoryCluster();
        follower.ledBy(url(api));
        ApiServer standby = server(follower, ApiTokens.NONE);
        statuses = List.of(new ShardStatus("sessions", "s1", ServerAddress.tcp("10.0.0.1", 6379), "role", ""));

        assertThat(CtlRun.of(CtlRun.NOBODY, "failover", "--manager", url(standby))
                        .out())
                .contains("10.0.0.1:6379");
    }

    @Test
    void twoWhoTakeEachOtherForTheLeaderAreNotFollowedForever() {
        cluster.ledBy(url(api));

        CtlRun run = ctl("pool create sessions --yes");

        assertThat(run.exitCode()).isEqualTo(CtlExit.FAILED);
        assertThat(run.err()).contains("does not lead");
    }

    @Test
    void aManagerWithoutZooKeeperIsPassedOver() {
        MemoryCluster cutOff = new MemoryCluster();
        cutOff.setDown(true);
        ApiServer blind = server(cutOff, ApiTokens.NONE);
        done("pool create sessions");

        assertThat(CtlRun.of(CtlRun.NOBODY, "pools", "--manager", url(blind) + "," + url(api))
                        .out())
                .contains("sessions");
        CtlRun alone = CtlRun.of(CtlRun.NOBODY, "pools", "--manager", url(blind));
        assertThat(alone.exitCode()).isEqualTo(CtlExit.FAILED);
        assertThat(alone.err()).contains("no answer from ZooKeeper", "majority");
    }

    @Test
    void theTokenIsTakenFromAFile() throws Exception {
        ApiServer locked = server(cluster, ApiTokens.of(ApiToken.of("s3cret")));
        Path token = Files.writeString(folder.resolve("token"), "s3cret\n");

        CtlRun without = CtlRun.of(CtlRun.NOBODY, "pools", "--manager", url(locked));
        CtlRun wrong = CtlRun.of(CtlRun.NOBODY, "pools", "--manager", url(locked), "--token", "guess");
        CtlRun right = CtlRun.of(CtlRun.NOBODY, "pools", "--manager", url(locked), "--token-file", token.toString());
        CtlRun noFile = CtlRun.of(CtlRun.NOBODY, "pools", "--manager", url(locked), "--token-file", "/none");

        assertThat(without.exitCode()).isEqualTo(CtlExit.BAD_INPUT);
        assertThat(without.err()).contains("no token was shown", "--token-file");
        assertThat(wrong.err()).contains("that token is not known here").doesNotContain("guess");
        assertThat(right.exitCode()).isZero();
        assertThat(noFile.err()).contains("/none: cannot be read");
    }

    @Test
    void aChangeWhoseAnswerIsCutOffMayHaveBeenMade() {
        cluster.goDownAtNextWrite();

        CtlRun run = ctl("pool create sessions --yes");

        assertThat(run.exitCode()).isEqualTo(CtlExit.FAILED);
        assertThat(run.err()).contains("may have been applied or not");
    }

    @Test
    void aConnectionThatBreaksInTheMiddleOfAChangeIsNotTriedAgain() throws Exception {
        List<String> asked = new ArrayList<>();
        var rude = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        rude.createContext("/v1/plan", exchange -> {
            byte[] plan = ApiJson.text(new PlanAnswer("x", 0, null, List.of("+ x"), List.of()))
                    .getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, plan.length);
            exchange.getResponseBody().write(plan);
            exchange.close();
        });
        rude.createContext("/v1/apply", exchange -> {
            asked.add(exchange.getRequestMethod());
            exchange.close(); // without an answer
        });
        rude.start();
        try {
            CtlRun run = CtlRun.of(
                    CtlRun.NOBODY,
                    "pool",
                    "create",
                    "x",
                    "--yes",
                    "--manager",
                    "http://127.0.0.1:" + rude.getAddress().getPort() + "," + url(api));

            assertThat(run.exitCode()).isEqualTo(CtlExit.FAILED);
            assertThat(run.err()).contains("the change may have been made or not", "sluice ctl history");
            assertThat(asked).hasSize(1);
            assertThat(cluster.topology()).isEqualTo(Topology.NONE);
        } finally {
            rude.stop(0);
        }
    }

    /** Nobody listens there, which is known at once; one more owns nothing. */
    private void twoShardsAndANewOne() {
        done("pool create sessions");
        done("shard add s1 127.0.0.1:1");
        done("shard add s2 127.0.0.1:2");
        done("slots assign --free");
        done("shard add s3 127.0.0.1:3");
    }

    @Test
    void aRebalanceIsShownAsATableBeforeItBegins() {
        twoShardsAndANewOne();

        CtlRun plan = ctl("rebalance --dry-run");

        assertThat(plan.exitCode()).as(plan.err()).isZero();
        assertThat(plan.out().lines().limit(10))
                .containsExactly(
                        "Rebalance of pool sessions by slots:",
                        "  FROM   TO   SLOTS        COUNT   KEYS   BYTES   TIME",
                        "  s2     s3   8192-10922   2731    ?      ?       ?",
                        "  s1     s3   0-2729       2730    ?      ?       ?",
                        "  all                      5461    ?      ?       ?",
                        "Then:",
                        "  SHARD   WEIGHT   SLOTS          KEYS      BYTES",
                        "  s1      1        8192 -> 5462   ? -> ?    ? -> ?",
                        "  s2      1        8192 -> 5461   ? -> ?    ? -> ?",
                        "  s3      1        0 -> 5461      ~0 -> ?   ~0 B -> ?");
        assertThat(plan.out()).contains("Note: shard s1 (127.0.0.1:1): ", ": its keys and bytes are not known");
        assertThat(ctl("plan rebalance").out()).isEqualTo(plan.out());
        assertThat(cluster.topology().hasHandoffs()).isFalse();
        assertThat(ctl("rebalance --dry-run --json").out()).contains("\"count\": 2730", "\"by\": \"slots\"");
        assertThat(ctl("rebalance").err()).contains("nobody to ask");
    }

    @Test
    void movesBeginAsTheyWereShownAndTheOthersWait() {
        twoShardsAndANewOne();
        for (int i = 4; i <= 6; i++) {
            done("shard add s" + i + " 127.0.0.1:" + i);
        }

        CtlRun run = done("rebalance --weights s1=0");

        assertThat(run.out()).contains("Applied: the cluster is at epoch 9.");
        SlotPool pool = cluster.topology().slotPool("sessions").orElseThrow();
        assertThat(pool.handoffs().values())
                .hasSize(3)
                .allSatisfy(moving -> assertThat(moving.copySince()).isEqualTo(9));
        assertThat(pool.waiting().values())
                .extracting(move -> move.from() + " -> " + move.to())
                .containsExactly("s1 -> s6", "s2 -> s6");
        assertThat(ctl("pools").out()).contains("3 handoffs, 2 moves waiting");
        assertThat(ctl("migrations").out())
                .contains("waiting", "waits for its turn", "waits: shard s1 takes part in m-", "begins soon");
        assertThat(ctl("pools sessions").out()).contains("move m-", ": WAITING, slots ");
        assertThat(ctl("rebalance --weights s1=0 --yes").out()).contains("Nothing to move");
        String waiting = pool.waiting().keySet().iterator().next();
        done("migrations abort " + waiting);
        done("rebalance --abort");
        assertThat(cluster.topology().slotPool("sessions").orElseThrow().waiting())
                .isEmpty();
        assertThat(cluster.topology().hasHandoffs()).isFalse();
        assertThat(ctl("history").out()).contains("rebalance of sessions: 5 moves", "rebalance --abort of sessions");
    }

    @Test
    void aShardIsMarkedUntilItIsDrainedOrTheDrainIsGivenUp() {
        twoShardsAndANewOne();

        CtlRun run = done("shard drain s1");

        assertThat(run.out()).contains("Drain of shard s1 of pool sessions, then it is removed:");
        assertThat(ctl("pools").out()).contains("s1 is drained");
        assertThat(ctl("topology show").out()).contains("\"draining\": true");
        assertThat(ctl("slots assign s1 0 --yes").err()).contains("shard 's1' is being drained: it gets no slots");
        done("shard drain s1 --abort");
        assertThat(cluster.topology().hasHandoffs()).isFalse();
        assertThat(ctl("shard drain s1 --abort --yes").err()).contains("is not being drained");
    }

    @Test
    void aPlanThatCannotBeIsRefusedWithTheReason() {
        twoShardsAndANewOne();

        assertThat(ctl("rebalance --by bytes").err()).contains("by: expected slots, memory, keys");
        assertThat(ctl("rebalance --weights s1").err()).contains("expected SHARD=WEIGHT");
        assertThat(ctl("rebalance --weights s1=2,s1=3").err()).contains("each shard once");
        assertThat(ctl("rebalance --weights s9=2").err()).contains("a weight for 's9': there is no such shard");
        CtlRun byKeys = ctl("rebalance --by keys");
        assertThat(byKeys.exitCode()).isEqualTo(CtlExit.REFUSED);
        assertThat(byKeys.err()).contains("by keys every server must tell what it has: shard s1 (127.0.0.1:1)");
        assertThat(ctl("shard drain s9 --yes").err()).contains("there is no shard 's9'");
    }
}
