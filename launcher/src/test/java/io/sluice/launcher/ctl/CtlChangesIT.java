package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.manager.api.Answers.ErrorAnswer;
import io.sluice.manager.api.Answers.PlanAnswer;
import io.sluice.manager.api.ApiJson;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyDocument;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes of a cluster: planned, shown, consented to, made. */
class CtlChangesIT {

    @TempDir
    private Path folder;

    @RegisterExtension
    private final MemoryManager manager = new MemoryManager();

    @Test
    void aClusterIsMadeFromNothing() {
        manager.cluster().withProxy("p1");
        CtlRun.assertLines(manager.ctl("pools"), "There is no pool yet. Make one: sluice ctl pool create NAME");
        CtlRun.assertLines(
                manager.done("pool create sessions"),
                "Plan at epoch 0: pool create sessions",
                "  + pool sessions: redis, 16384 slots (crc16), 0 shards",
                "Warning: pool sessions: it has no shard yet, so every request gets an error",
                "Applied: the cluster is at epoch 1.",
                "The only proxy serves it.");
        manager.done("shard add s1 10.0.0.1:6379 --replica 10.0.0.2:6379");
        manager.done("shard add s2 10.0.0.3:6379");
        CtlRun.assertLines(
                manager.done("slots assign --free"),
                "Plan at epoch 3: slots assign --free in sessions",
                "  ~ pool sessions: slots 0-8191 (8192): nobody -> s1",
                "  ~ pool sessions: slots 8192-16383 (8192): nobody -> s2",
                "Applied: the cluster is at epoch 4.",
                "The only proxy serves it.");
        CtlRun.assertLines(
                manager.ctl("pools"),
                "POOL       PROTOCOL   KEYS BY               SIZE       STATE",
                "sessions   redis      16384 slots (crc16)   2 shards   ok");
        CtlRun.assertLines(
                manager.ctl("pools sessions"),
                "POOL       PROTOCOL   KEYS BY               SIZE       STATE",
                "sessions   redis      16384 slots (crc16)   2 shards   ok",
                "",
                "SHARD   PRIMARY         REPLICAS        SLOTS   SHARE    OWNS",
                "s1      10.0.0.1:6379   10.0.0.2:6379   8192    50.0 %   0-8191",
                "s2      10.0.0.3:6379   -               8192    50.0 %   8192-16383");
        CtlRun.assertLines(
                manager.ctl("slots show"),
                "SLOTS        COUNT   SHARD   PRIMARY",
                "0-8191       8192    s1      10.0.0.1:6379",
                "8192-16383   8192    s2      10.0.0.3:6379");
        CtlRun.assertLines(
                manager.ctl("explain foo {foo}:a bar"),
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
                manager.url(),
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
        CtlRun.assertLines(
                run,
                "Plan at epoch 0: pool create pages",
                "  + pool pages: memcache, ketama (fnv1a_64, hash tag {}), 2 servers",
                "  + pool pages: server beta at 10.0.0.6:11211, weight 2",
                "  + pool pages: server alpha at 10.0.0.5:11211, weight 1",
                "Applied: the cluster is at epoch 1.");
        CtlRun.assertLines(
                manager.ctl("pools pages"),
                "POOL    PROTOCOL   KEYS BY                     SIZE        STATE",
                "pages   memcache   ketama (fnv1a_64, tag {})   2 servers   ok",
                "",
                "SERVER   ADDRESS          WEIGHT",
                "beta     10.0.0.6:11211   2",
                "alpha    10.0.0.5:11211   1");
        assertThat(manager.done("server drain beta --pool pages --window 10m").out())
                .contains("keys get another server, by a cache window of 600 s")
                .contains("- pool pages: in the end, server beta");
        assertThat(manager.ctl("migrations").out()).contains("cache", "beta", "prepare");
        assertThat(manager.ctl("server remove alpha --pool pages --force --yes").err())
                .contains("is on its way");
    }

    @Test
    void theTopologyIsShownChangedAndApplied() throws Exception {
        manager.twoShards();
        CtlRun shown = manager.ctl("topology show");
        Path file = folder.resolve("cluster.json");
        Files.writeString(file, shown.out());

        CtlRun.assertLines(
                manager.ctl("topology diff " + file),
                "Nothing changes: the cluster has it like that already, at epoch 4.");
        Files.writeString(file, shown.out().replace("10.0.0.3:6379", "10.0.0.4:6379"));
        CtlRun.assertLines(
                manager.ctl("topology diff " + file),
                "Plan at epoch 4: topology apply " + file + " --force",
                "  ~ pool sessions: shard s2: primary 10.0.0.3:6379 -> 10.0.0.4:6379",
                "Warning: pool sessions: shard s2 would get the primary 10.0.0.4:6379, which was no server of it: what is"
                        + " stored stays where it is, and is not found there.");
        CtlRun refused = manager.ctl("topology apply " + file + " --yes");
        assertThat(refused.exitCode()).isEqualTo(CtlExit.REFUSED);
        assertThat(refused.err()).contains("which was no server of it", "--force", "nothing was changed");
        assertThat(manager.cluster().topology().epoch()).isEqualTo(4);
        manager.done("topology apply " + file + " --expect-epoch 4 --force");
        assertThat(TopologyDocument.text(manager.cluster().topology())).contains("10.0.0.4:6379");
    }

    @Test
    void slotsOfOthersNeedForce() {
        manager.twoShards();

        assertThat(manager.ctl("slots assign s2 0-99 --yes").exitCode()).isEqualTo(CtlExit.REFUSED);
        assertThat(manager.done("slots assign s2 0-99 --force").out())
                .contains("~ pool sessions: slots 0-99 (100): s1 -> s2", "Warning: ", "would change hands");
        assertThat(manager.ctl("slots assign s2").exitCode()).isEqualTo(CtlExit.BAD_INPUT);
        assertThat(manager.ctl("slots assign s2 1 --free").exitCode()).isEqualTo(CtlExit.BAD_INPUT);
    }

    @Test
    void aRefusalSaysWhatToDo() {
        manager.twoShards();

        CtlRun run = manager.ctl("shard remove s1 --yes");

        assertThat(run.exitCode()).isEqualTo(CtlExit.REFUSED);
        assertThat(run.err())
                .isEqualTo("ctl shard remove: shard 's1' owns slots 0-8191 (8192); 'shard drain' moves them to others"
                        + System.lineSeparator() + "  (nothing was changed)" + System.lineSeparator());
    }

    @ParameterizedTest
    @ValueSource(strings = {"shard add s3 10.0.0.9:6379 --dry-run", "plan shard add s3 10.0.0.9:6379"})
    void aPlanChangesNothing(String line) {
        manager.twoShards();

        CtlRun.assertLines(
                manager.ctl(line),
                "Plan at epoch 4: shard add s3 to sessions",
                "  + pool sessions: shard s3: primary 10.0.0.9:6379, no slots");
        assertThat(manager.cluster().topology().epoch()).isEqualTo(4);
    }

    @Test
    void nobodyToAskIsNoConsent() {
        CtlRun run = manager.ctl("pool create sessions");

        assertThat(run.exitCode()).isEqualTo(CtlExit.BAD_INPUT);
        assertThat(run.err()).contains("nobody to ask, so nothing was changed", "--yes", "--dry-run");
        assertThat(manager.cluster().topology()).isEqualTo(Topology.NONE);
    }

    @Test
    void whoSaysNoChangesNothingAndWhoSaysYesDoes() {
        CtlRun no = manager.ctl(CtlRun.typing(""), "pool create sessions");
        assertThat(no.exitCode()).isEqualTo(CtlExit.REFUSED);
        assertThat(no.out()).contains("Apply? [y/N] ");
        assertThat(manager.cluster().topology()).isEqualTo(Topology.NONE);

        assertThat(manager.ctl(CtlRun.typing("y"), "pool create sessions").exitCode())
                .isZero();
        assertThat(manager.cluster().topology().epoch()).isEqualTo(1);
    }

    @Test
    void whoChangesAfterThePlanIsNotOverwritten() {
        Terminal slow = (out, question) -> {
            manager.done("pool create theirs");
            return Optional.of("y");
        };

        CtlRun run = manager.ctl(slow, "pool create ours");

        assertThat(run.exitCode()).isEqualTo(CtlExit.REFUSED);
        assertThat(run.err()).contains("at epoch 1 by now, not 0", "plan again");
        assertThat(manager.cluster().topology().pools()).containsOnlyKeys("theirs");
        assertThat(manager.ctl("pool create ours --yes --expect-epoch 0").exitCode())
                .isEqualTo(CtlExit.REFUSED);
    }

    @Test
    void theHistoryTellsWhoAndWhat() {
        manager.done("pool create sessions");

        CtlRun.assertLines(
                manager.ctl("history"),
                "2026-11-21T12:00:00Z  epoch 0 -> 1  pool create sessions  (" + System.getProperty("user.name")
                        + " from 127.0.0.1)",
                "    + pool sessions: redis, 16384 slots (crc16), 0 shards");
        assertThat(manager.ctl("history --limit 0").exitCode()).isEqualTo(CtlExit.BAD_INPUT);
    }

    @Test
    void programsReadJson() {
        PlanAnswer plan = json(manager.ctl("pool create sessions --dry-run --json"), PlanAnswer.class);
        PlanAnswer done = json(manager.done("pool create sessions --json"), PlanAnswer.class);
        CtlRun failed = manager.ctl("pool create sessions --yes --json");

        assertThat(plan.newEpoch()).isNull();
        assertThat(done.newEpoch()).isEqualTo(1);
        assertThat(failed.exitCode()).isEqualTo(CtlExit.REFUSED);
        assertThat(failed.err()).isEmpty();
        assertThat(json(failed, ErrorAnswer.class).error()).isEqualTo("refused");
        for (String line : List.of("pools", "proxies", "history", "topology show", "slots show", "explain k")) {
            Map<?, ?> answer = json(manager.ctl(line + " --json"), Map.class);
            assertThat(answer.keySet()).as(line).isNotEmpty();
        }
    }

    private static <T> T json(CtlRun run, Class<T> type) {
        return ApiJson.read(run.out(), type).orElseThrow();
    }
}
