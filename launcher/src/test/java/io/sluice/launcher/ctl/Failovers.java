package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.routing.cluster.SlotSet;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;

/**
 * A second server for each shard of a cluster, which takes the place of the first when that one dies, and the other way round.
 * Nothing is lost by that: a primary dies at a moment at which its replica has everything it ever acknowledged.
 */
final class Failovers implements AutoCloseable {

    /** Longer than a primary lives after it has stopped to write. */
    private static final Duration STANDSTILL = Duration.ofMinutes(1);

    /** @param address by which the topology knows it */
    private record Member(RedisServer server, String address) {}

    private final FaultyCluster cluster;
    private final List<Member> primaries = new ArrayList<>();
    private final List<Member> others = new ArrayList<>();

    private Failovers(FaultyCluster cluster) {
        this.cluster = cluster;
    }

    /** For a cluster whose manager leads and whose topology stands. */
    static Failovers in(FaultyCluster cluster, Path folder) throws IOException {
        Failovers all = new Failovers(cluster);
        for (int i = 0; i < cluster.servers().size(); i++) {
            RedisServer first = cluster.server(i);
            RedisServer second = RedisServer.onFreePort()
                    .keepingWrites(Files.createDirectories(folder.resolve("replica-" + i)))
                    .replicaOf(first);
            second.start();
            String known = "127.0.0.1:" + cluster.wayTo(i).port();
            all.primaries.add(new Member(first, known));
            all.others.add(new Member(second, second.address()));
            all.awaitFollowing(i);
            all.done("server add " + second.address() + " --shard s" + i + " --yes");
        }
        return all;
    }

    private void done(String line) {
        CtlRun run = cluster.ctl(line);
        assertThat(run.exitCode()).as("%s: %s%s", line, run.out(), run.err()).isEqualTo(CtlExit.OK);
    }

    /** The primary dies; its replica is promoted, and the topology says so, that much later, or before this returns. */
    CompletableFuture<Void> failOver(int shard, Duration later) {
        Member dies = primaries.get(shard);
        Member takesOver = others.get(shard);
        call(dies, "CLIENT", "PAUSE", String.valueOf(STANDSTILL.toMillis()), "WRITE");
        awaitInStep(shard);
        dies.server().kill();
        primaries.set(shard, takesOver);
        others.set(shard, dies);
        Runnable promotion = () -> {
            call(takesOver, "REPLICAOF", "NO", "ONE");
            done("server promote s" + shard + " " + takesOver.address() + " --yes --no-wait");
        };
        if (later.isZero()) {
            promotion.run();
            return CompletableFuture.completedFuture(null);
        }
        return CompletableFuture.runAsync(
                promotion, CompletableFuture.delayedExecutor(later.toMillis(), TimeUnit.MILLISECONDS));
    }

    /** What died comes back with all it had, as a primary as it sees it. */
    void resurrect(int shard) {
        others.get(shard).server().restart();
    }

    /** What came back becomes the replica of the one that has taken its place. */
    void rejoin(int shard) {
        call(
                others.get(shard),
                "REPLICAOF",
                "127.0.0.1",
                String.valueOf(primaries.get(shard).server().port()));
        awaitFollowing(shard);
    }

    private void awaitFollowing(int shard) {
        awaitReplica(shard, (leads, follows) -> true);
    }

    /** Whether the replica has everything: nothing must be written meanwhile. */
    private void awaitInStep(int shard) {
        awaitReplica(
                shard,
                (leads, follows) -> field(follows, "slave_repl_offset").equals(field(leads, "master_repl_offset")));
    }

    private void awaitReplica(int shard, BiPredicate<String, String> more) {
        await("the replica follows")
                .atMost(FaultyCluster.LIMIT)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> {
                    String follows = call(others.get(shard), "INFO", "replication");
                    String leads = call(primaries.get(shard), "INFO", "replication");
                    return follows.contains("master_link_status:up")
                            && leads.contains("state=online")
                            && more.test(leads, follows);
                });
    }

    private static String field(String info, String name) {
        return info.lines()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1))
                .findFirst()
                .orElseThrow();
    }

    /** Keys at a primary whose slots its shard does not own, as {@code s0: key}. */
    List<String> keysInTheWrongPlace() throws Exception {
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < primaries.size(); i++) {
            SlotSet owned = cluster.pool().shard("s" + i).orElseThrow().slots();
            try (RespClient client = primaries.get(i).server().connect()) {
                for (Object key : client.call("KEYS", "*") instanceof List<?> all ? all : List.of()) {
                    if (!owned.contains(MovingSlots.slotOf(String.valueOf(key)))) {
                        wrong.add("s" + i + ": " + key);
                    }
                }
            }
        }
        return wrong;
    }

    /** Keys at the primary of a shard. */
    long count(int shard) {
        return Long.parseLong(call(primaries.get(shard), "DBSIZE"));
    }

    private static String call(Member member, String... words) {
        try (RespClient client = member.server().connect()) {
            return String.valueOf(client.call(words));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The second servers; the first are the cluster's. */
    @Override
    public void close() {
        for (int i = 0; i < primaries.size(); i++) {
            for (Member member : List.of(primaries.get(i), others.get(i))) {
                if (member.server() != cluster.server(i)) {
                    member.server().close();
                }
            }
        }
    }
}
