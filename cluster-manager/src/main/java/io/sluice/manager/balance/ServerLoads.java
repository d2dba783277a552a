package io.sluice.manager.balance;

import io.sluice.manager.redis.PoolLogins;
import io.sluice.manager.redis.RedisConnector;
import io.sluice.manager.redis.RedisException;
import io.sluice.manager.redis.RedisLink;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.PoolProtocol;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks the primaries of a pool what they have: some of them at a time, each for a bounded time. Changes nothing there. May
 * be used from any thread; blocks.
 */
public final class ServerLoads {

    /** Servers that are asked at a time. */
    private static final int AT_ONCE = 8;

    /** For a connect, and for each reply. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** For all of them; what is not known by then is told as such. Clients of the API wait for 30 s. */
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final PoolLogins logins;

    public ServerLoads(PoolLogins logins) {
        this.logins = logins;
    }

    /** @param sampled whether keys are looked at; else all that a server has is spread evenly over its slots */
    SlotLoads ask(SlotPool pool, boolean sampled) {
        Gathered gathered = new Gathered(pool);
        if (pool.protocol() != PoolProtocol.REDIS) {
            pool.shards().keySet().forEach(shard -> gathered.silent(shard, "it does not speak Redis"));
            return gathered.loads();
        }
        Map<String, Future<ServerSample>> asked = new LinkedHashMap<>();
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE, task -> {
            Thread thread = new Thread(task, "server-loads");
            thread.setDaemon(true);
            return thread;
        });
        try {
            long end = System.nanoTime() + LIMIT.toNanos();
            for (Shard shard : pool.shards().values()) {
                asked.put(shard.name(), threads.submit(() -> sample(pool, shard, sampled)));
            }
            asked.forEach((shard, answer) -> gather(gathered, shard, answer, end - System.nanoTime()));
        } finally {
            threads.shutdownNow();
        }
        return gathered.loads();
    }

    private ServerSample sample(SlotPool pool, Shard shard, boolean sampled) throws RedisException {
        try (RedisLink link = new RedisLink(new RedisConnector(logins.of(pool.name()), PATIENCE), shard.primary())) {
            return ServerSample.of(link, pool.hash(), shard.slots(), sampled);
        }
    }

    private static void gather(Gathered gathered, String shard, Future<ServerSample> answer, long nanos) {
        try {
            gathered.add(shard, answer.get(Math.max(0, nanos), TimeUnit.NANOSECONDS));
        } catch (ExecutionException e) {
            gathered.silent(
                    shard,
                    String.valueOf(Objects.requireNonNullElse(e.getCause(), e).getMessage()));
        } catch (TimeoutException | CancellationException e) {
            gathered.silent(shard, "no answer within " + LIMIT.toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            gathered.silent(shard, "interrupted");
        }
    }

    /** What came in. Of one thread. */
    private static final class Gathered {

        private final SlotPool pool;
        private final double[] keys;
        private final double[] bytes;
        private final List<String> silent = new ArrayList<>();
        private final List<String> notes = new ArrayList<>();

        Gathered(SlotPool pool) {
            SlotHash hash = pool.hash();
            this.pool = pool;
            this.keys = new double[hash.slots()];
            this.bytes = new double[hash.slots()];
        }

        void add(String shard, ServerSample sample) {
            pool.shard(shard).ifPresent(found -> sample.addTo(keys, bytes, found.slots()));
            notes.add("shard " + shard + ": " + sample.note());
        }

        void silent(String shard, String why) {
            pool.shard(shard).ifPresent(found -> {
                silent.add("shard " + shard + " (" + found.primary() + "): " + why);
                int slot = found.slots().next(0);
                for (; slot >= 0; slot = found.slots().next(slot + 1)) {
                    Arrays.fill(keys, slot, slot + 1, Double.NaN);
                    Arrays.fill(bytes, slot, slot + 1, Double.NaN);
                }
            });
        }

        SlotLoads loads() {
            return new SlotLoads(keys, bytes, silent, notes);
        }
    }
}
