package io.sluice.manager.migration.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.hash.SlotHash;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamCopyIT {

    @TempDir
    Path folder;

    /** While the copy is behind, the target sees the first expiry long before it sees the prolongation. */
    @Test
    void doesNotLoseAKeyThatIsProlongedAllTheTime() throws IOException {
        try (TwoServers both = new TwoServers(folder);
                RespClient source = both.toSource();
                RespClient target = both.toTarget();
                SlotCopy copy = both.copy(EngineKind.STREAM, TwoServers.FAST, KeyFilter.everything())) {
            source.call("HSET", "lock", "owner", "me", "count", "0");
            source.call("SET", "token", "t");
            prolong(source);
            copy.start();
            awaitProlonging(source, copy::caughtUp);
            copy.pause();
            awaitProlonging(source, () -> Long.valueOf(0).equals(target.call("EXISTS", "lock", "token")));
            source.call("PEXPIRE", "lock", "100000");
            source.call("RENAME", "token", "renamed");
            source.call("PEXPIRE", "renamed", "100000");
            copy.resume();
            TwoServers.awaitCaughtUp(copy);

            assertThat(copy.drain(Duration.ofSeconds(5)).failure()).isEmpty();

            assertThat(target.call("HGETALL", "lock")).isEqualTo(source.call("HGETALL", "lock"));
            new ServerComparison(source, target).check(KeyFilter.everything(), 2);
        }
    }

    /** The target has let it expire; the stream says only that it lives longer, and counts on what is not there. */
    @Test
    void doesNotLoseAKeyThatWasProlongedOnceWhileTheCopyWasBehind() throws IOException {
        try (TwoServers both = new TwoServers(folder);
                RespClient source = both.toSource();
                RespClient target = both.toTarget();
                SlotCopy copy = both.copy(EngineKind.STREAM, TwoServers.FAST, KeyFilter.everything())) {
            copy.start();
            TwoServers.awaitCaughtUp(copy);
            source.call("SET", "counter", "41", "PX", "2000");
            source.call("SET", "quiet", "still here", "PX", "2000");
            Awaitility.await().until(() -> Long.valueOf(2).equals(target.call("EXISTS", "counter", "quiet")));
            copy.pause();
            past(Duration.ofMillis(100)); // a step that is under way may still take what comes now
            source.call("PEXPIRE", "counter", "100000");
            source.call("PERSIST", "quiet");
            Awaitility.await().until(() -> Long.valueOf(0).equals(target.call("EXISTS", "counter", "quiet")));
            assertThat(source.call("INCR", "counter")).isEqualTo(42L);
            copy.resume();
            TwoServers.awaitCaughtUp(copy);

            assertThat(copy.drain(Duration.ofSeconds(5)).failure()).isEmpty();

            assertThat(target.call("MGET", "counter", "quiet")).isEqualTo(List.of("42", "still here"));
            new ServerComparison(source, target).check(KeyFilter.everything(), 2);
        }
    }

    private static void awaitProlonging(RespClient source, Callable<Boolean> condition) {
        Awaitility.await()
                .atMost(TwoServers.PATIENCE)
                .pollInterval(Duration.ofMillis(30))
                .until(() -> {
                    prolong(source);
                    return condition.call();
                });
    }

    /** By longer than a busy machine stands still. */
    private static void prolong(RespClient source) throws IOException {
        assertThat(source.call("PEXPIRE", "token", "2000")).isEqualTo(1L);
        source.call("HINCRBY", "lock", "count", "1");
        assertThat(source.call("PEXPIRE", "lock", "2000")).isEqualTo(1L);
    }

    private static void past(Duration time) {
        long start = System.nanoTime();
        Awaitility.await().pollInterval(Duration.ofMillis(5)).until(() -> System.nanoTime() - start > time.toNanos());
    }

    /** Such a text goes over in one command, unless a replica of the target would get it at once as well. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void bringsOverTextsOfTensOfMegabytes(boolean targetHasReplica) throws IOException {
        try (TwoServers both = new TwoServers(folder);
                RedisServer replica = RedisServer.onFreePort().replicaOf(both.target);
                RespClient source = both.toSource();
                RespClient target = both.toTarget();
                SlotCopy copy = both.copy(EngineKind.STREAM, TwoServers.FAST, KeyFilter.everything())) {
            if (targetHasReplica) {
                replica.start();
                Awaitility.await()
                        .atMost(TwoServers.PATIENCE)
                        .until(() -> String.valueOf(target.call("INFO", "replication"))
                                .contains("connected_slaves:1"));
            }
            byte[] noise = new byte[1 << 20];
            new Random(1).nextBytes(noise);
            for (int i = 0; i < 20; i++) {
                source.call(RedisLink.ascii("APPEND"), RedisLink.ascii("noise"), noise);
            }
            source.call("SET", "before", "b");
            source.call("SETRANGE", "dull", String.valueOf(LongText.LEAST_BYTES), "end");
            source.call("PEXPIRE", "dull", "100000");
            source.call("SELECT", "1");
            source.call("SET", "after", "a");
            source.call("SELECT", "0");
            copy.start();
            TwoServers.awaitCaughtUp(copy);
            source.call("SETRANGE", "noise", "1000000", "written");

            assertThat(copy.drain(Duration.ofSeconds(30)).failure()).isEmpty();

            assertThat(target.call("DEBUG", "DIGEST-VALUE", "noise", "dull"))
                    .isEqualTo(source.call("DEBUG", "DIGEST-VALUE", "noise", "dull"));
            long appends = calls(target, "append");
            assertThat(appends > 0).isEqualTo(targetHasReplica);
            new ServerComparison(source, target).check(KeyFilter.everything(), 4);
        }
    }

    private static long calls(RespClient server, String command) throws IOException {
        String stats = InfoText.of(RedisLink.ascii(String.valueOf(server.call("INFO", "commandstats"))))
                .text("cmdstat_" + command);
        return stats.isEmpty() ? 0 : Long.parseLong(stats.replaceAll("calls=(\\d+).*", "$1"));
    }

    /** What snapshots compress, and commands that are several in one, as XGROUP. */
    @Test
    void bringsOverLongRepetitiveTextsAndGroupsThatReadMeanwhile() throws IOException {
        try (TwoServers both = new TwoServers(folder);
                RespClient source = both.toSource();
                RespClient target = both.toTarget();
                SlotCopy copy = both.copy(EngineKind.STREAM, TwoServers.FAST, KeyFilter.everything())) {
            source.call("SET", "long", "all work and no play ".repeat(200_000));
            source.call("XADD", "stream", "1-1", "field", "first");
            copy.start();
            TwoServers.awaitCaughtUp(copy);
            source.call("XGROUP", "CREATE", "stream", "group", "0");
            source.call("XADD", "stream", "2-1", "field", "second");
            source.call("XREADGROUP", "GROUP", "group", "one", "COUNT", "1", "STREAMS", "stream", ">");
            source.call("XREADGROUP", "GROUP", "group", "two", "NOACK", "STREAMS", "stream", ">");
            source.call("XGROUP", "CREATE", "other", "group", "$", "MKSTREAM");

            assertThat(copy.drain(Duration.ofSeconds(5)).failure()).isEmpty();

            assertThat(target.call("STRLEN", "long")).isEqualTo(4_200_000L);
            assertThat(target.call("XPENDING", "stream", "group"))
                    .isEqualTo(source.call("XPENDING", "stream", "group"));
            new ServerComparison(source, target).check(KeyFilter.everything(), 3);
        }
    }

    @Test
    void setsTheNotificationsOfTheTargetBackAsTheyWere() throws IOException {
        try (TwoServers both = new TwoServers(folder);
                RespClient target = both.toTarget()) {
            target.call("CONFIG", "SET", "notify-keyspace-events", "Kg");

            try (SlotCopy copy = both.copy(EngineKind.STREAM, TwoServers.FAST)) {
                copy.start();
                TwoServers.awaitCaughtUp(copy);
                assertThat(option(target)).contains("x").contains("E").contains("K");
            }

            assertThat(option(target)).hasSize(2).contains("K").contains("g");
        }
    }

    @Test
    @SuppressWarnings("try") // the first one ends early
    void aCopyThatEndsLeavesTheNotificationsOnForTheOtherOne() throws IOException {
        try (TwoServers both = new TwoServers(folder);
                RespClient target = both.toTarget()) {
            KeyFilter upper = KeyFilter.slots(SlotHash.REDIS_CLUSTER, SlotSet.range(8192, 16383));
            try (SlotCopy second = both.copy(EngineKind.STREAM, TwoServers.FAST, upper)) {
                try (SlotCopy first = both.copy(EngineKind.STREAM, TwoServers.FAST)) {
                    first.start();
                    TwoServers.awaitCaughtUp(first);
                    second.start();
                    TwoServers.awaitCaughtUp(second);
                }

                assertThat(option(target)).contains("x").contains("E");
                TwoServers.awaitCaughtUp(second);

                target.call("CONFIG", "SET", "notify-keyspace-events", "");
                assertThat(TwoServers.awaitFailure(second).message())
                        .contains("notify-keyspace-events")
                        .contains("cannot know what has expired");
            }
            assertThat(option(target)).isEmpty();
        }
    }

    private static String option(RespClient client) throws IOException {
        return Ask.texts(client, "CONFIG", "GET", "notify-keyspace-events").get(1);
    }

    @Test
    void readsFromAReplicaThatKeepsUpAndFromTheMasterElse() throws IOException {
        RedisServer replica = RedisServer.onFreePort();
        RedisServer stranger = RedisServer.onFreePort();
        try (TwoServers both = new TwoServers(folder);
                replica;
                stranger) {
            replica.start();
            stranger.start();
            try (RespClient source = both.toSource();
                    RespClient target = both.toTarget();
                    RespClient other = replica.connect()) {
                source.call("SET", "k", "v");
                other.call("REPLICAOF", "127.0.0.1", String.valueOf(both.source.port()));
                Awaitility.await()
                        .until(() -> Ask.text(other, "INFO", "replication").contains("master_link_status:up"));
                SlotCopy copy = EngineKind.STREAM.prepare(new CopyPlan(
                        "r",
                        TwoServers.endpoint(both.source),
                        List.of(TwoServers.endpoint(stranger), TwoServers.endpoint(replica)),
                        TwoServers.endpoint(both.target),
                        KeyFilter.everything(),
                        both.registered::add,
                        TwoServers.FAST,
                        folder));
                try (copy) {
                    copy.start();
                    TwoServers.awaitCaughtUp(copy);
                    source.call("SET", "l", "w");

                    assertThat(copy.drain(Duration.ofSeconds(5)).failure()).isEmpty();

                    assertThat(target.call("GET", "l")).isEqualTo("w");
                    assertThat(Ask.text(other, "INFO", "replication")).contains("connected_slaves:1");
                    assertThat(Ask.text(source, "INFO", "replication")).contains("connected_slaves:1");
                }
            }
        }
    }

    @Test
    void stopsAtACommandWithKeysThatMoveAndKeysThatStay() throws IOException {
        try (TwoServers both = new TwoServers(folder);
                RespClient source = both.toSource();
                SlotCopy copy = both.copy(EngineKind.STREAM, TwoServers.FAST, key -> key[0] == 'm')) {
            source.call("SET", "m", "v");
            copy.start();
            TwoServers.awaitCaughtUp(copy);

            source.call("RENAME", "m", "stays");

            CopyFailure failure = TwoServers.awaitFailure(copy);
            assertThat(failure.kind()).isEqualTo(Kind.UNSUITABLE);
            assertThat(failure.message()).contains("rename", "do not pass the proxies");
        }
    }

    @Test
    void stopsWhenThePauseFillsTheSpoolAndLeavesNoFiles() throws IOException {
        try (TwoServers both = new TwoServers(folder);
                RespClient source = both.toSource()) {
            CopyLimits little = TwoServers.FAST.withSpoolBytes(2 << 20);
            try (SlotCopy copy = both.copy(EngineKind.STREAM, little, KeyFilter.everything())) {
                copy.start();
                TwoServers.awaitCaughtUp(copy);
                copy.pause();
                for (int i = 0; i < 40; i++) {
                    source.call("SET", "k", "v".repeat(100_000));
                }

                CopyFailure failure = TwoServers.awaitFailure(copy);

                assertThat(failure.kind()).isEqualTo(Kind.OVERRUN);
                assertThat(failure.message()).contains("spool is full", "paused");
            }
            try (Stream<Path> files = Files.list(folder)) {
                assertThat(files).isEmpty();
            }
        }
    }

    @Test
    void aSourceThatWaitsForMoreReplicasBeforeItSendsASnapshotSendsItAllTheSame() throws IOException {
        try (TwoServers both = new TwoServers(folder);
                RespClient source = both.toSource();
                SlotCopy copy = both.copy(EngineKind.STREAM, TwoServers.FAST, KeyFilter.everything())) {
            source.call("CONFIG", "SET", "repl-diskless-sync", "yes", "repl-diskless-sync-delay", "3");
            source.call("SET", "key", "value");

            copy.start();

            TwoServers.awaitCaughtUp(copy);
        }
    }

    @Test
    void aDrainBringsOverWhatWasWrittenDuringAPause() throws IOException {
        int keys = 500;
        try (TwoServers both = new TwoServers(folder);
                RespClient source = both.toSource();
                RespClient target = both.toTarget();
                SlotCopy copy = both.copy(EngineKind.STREAM, TwoServers.FAST, KeyFilter.everything())) {
            copy.start();
            TwoServers.awaitCaughtUp(copy);
            copy.pause();
            for (int i = 0; i < keys; i++) {
                source.call("SET", "late:" + i, "v");
            }

            DrainResult drained = copy.drain(Duration.ofSeconds(30));

            assertThat(drained.failure()).isEmpty();
            assertThat(target.call("DBSIZE")).isEqualTo((long) keys);
        }
    }

    @Test
    void aDrainIsOverWhenAReplicaOfTheTargetHasEverything() throws IOException {
        try (ReplicatedTarget there = new ReplicatedTarget()) {
            there.copy.pause(); // so that only the drain brings it over
            past(Duration.ofMillis(100)); // a step that is under way may still take what comes now
            there.source.call("SET", "k", "v");

            assertThat(there.copy.drain(Duration.ofSeconds(5)).failure()).isEmpty();

            try (RespClient replica = there.replica.connect()) {
                assertThat(replica.call("GET", "k")).isEqualTo("v");
            }
        }
    }

    @Test
    void aDrainIsNotOverWhileNoReplicaOfTheTargetConfirms() throws IOException {
        try (ReplicatedTarget there = new ReplicatedTarget()) {
            there.replica.pause();
            there.source.call("SET", "k", "v");

            Optional<CopyFailure> failure =
                    there.copy.drain(Duration.ofSeconds(30)).failure();

            assertThat(failure)
                    .map(CopyFailure::message)
                    .hasValueSatisfying(message ->
                            assertThat(message).startsWith("No replica of 127.0.0.1:" + there.both.target.port()));
        }
    }

    /** A copy that has caught up, to a server that has a replica. */
    private final class ReplicatedTarget implements AutoCloseable {

        private final TwoServers both = new TwoServers(folder);
        private final RedisServer replica = RedisServer.onFreePort();
        private final RespClient source;
        private final SlotCopy copy;

        ReplicatedTarget() throws IOException {
            replica.start();
            try (RespClient client = replica.connect()) {
                client.call("REPLICAOF", "127.0.0.1", String.valueOf(both.target.port()));
            }
            try (RespClient target = both.toTarget()) {
                Awaitility.await()
                        .until(() -> Ask.text(target, "INFO", "replication").contains("state=online"));
            }
            source = both.toSource();
            copy = both.copy(EngineKind.STREAM, TwoServers.FAST, KeyFilter.everything());
            copy.start();
            TwoServers.awaitCaughtUp(copy);
        }

        @Override
        public void close() throws IOException {
            copy.close();
            source.close();
            replica.close();
            both.close();
        }
    }
}
