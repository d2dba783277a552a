package io.sluice.manager.failover;

import io.sluice.manager.redis.PoolLogins;
import io.sluice.manager.redis.RedisConnector;
import io.sluice.manager.redis.RedisLink;
import io.sluice.manager.redis.ServerRole;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Asks servers for their roles, several at a time; keeps a connection to each. May be used from any thread; blocks. */
final class RoleAsker implements AutoCloseable {

    /** So many are asked at once. One that does not answer holds one of them up for a timeout. */
    static final int MAX_AT_ONCE = 8;

    private final PoolLogins logins;
    private final Duration timeout;
    private final Map<PoolServer, RedisLink> links = new ConcurrentHashMap<>();
    private final ExecutorService threads;

    RoleAsker(PoolLogins logins, Duration timeout) {
        this.logins = logins;
        this.timeout = timeout;
        AtomicInteger number = new AtomicInteger();
        this.threads = Executors.newFixedThreadPool(MAX_AT_ONCE, task -> {
            Thread thread = new Thread(task, "sluice-role-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** What it says now. */
    ServerRole ask(PoolServer server) {
        RedisLink link = links.computeIfAbsent(
                server, key -> new RedisLink(new RedisConnector(logins.of(key.pool()), timeout), key.address()));
        synchronized (link) {
            return link.role();
        }
    }

    /** What each says now; one that does not answer is {@link ServerRole.Unknown}. */
    Map<PoolServer, ServerRole> askAll(Collection<PoolServer> servers) throws InterruptedException {
        List<PoolServer> asked = List.copyOf(servers);
        List<Future<ServerRole>> answers = threads.invokeAll(asked.stream()
                .map(server -> (Callable<ServerRole>) () -> ask(server))
                .toList());
        Map<PoolServer, ServerRole> roles = new LinkedHashMap<>();
        for (int i = 0; i < asked.size(); i++) {
            roles.put(asked.get(i), answer(answers.get(i)));
        }
        return roles;
    }

    private static ServerRole answer(Future<ServerRole> answer) throws InterruptedException {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("Asking for a role throws nothing", e.getCause());
        }
    }

    /** Closes the connections to all others. */
    void keepOnly(Set<PoolServer> servers) {
        links.forEach((server, link) -> {
            if (!servers.contains(server) && links.remove(server, link)) {
                close(link);
            }
        });
    }

    private static void close(RedisLink link) {
        synchronized (link) {
            link.close();
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        keepOnly(Set.of());
    }
}
