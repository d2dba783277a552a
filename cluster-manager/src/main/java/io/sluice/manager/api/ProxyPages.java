package io.sluice.manager.api;

import io.sluice.manager.api.Answers.ProxiesAnswer;
import io.sluice.manager.api.Answers.ProxyAnswer;
import io.sluice.manager.api.Answers.ProxyRemovedAnswer;
import io.sluice.manager.store.Cluster;
import io.sluice.manager.store.HistoryEntry;
import io.sluice.manager.store.ProxyState;
import io.sluice.manager.store.StoreException;
import io.sluice.manager.store.StoreException.Reason;
import io.sluice.routing.cluster.Heartbeat;
import io.sluice.routing.config.Words;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The proxies, and forgetting one. */
final class ProxyPages {

    /** What whoever removes a proxy says with it. */
    static final String ASSUMES = "the process has ended, or can reach neither clients nor servers: nobody waits for it"
            + " any more before slots change hands. If it still runs, it may write keys where nobody looks for them";

    private static final Logger log = LoggerFactory.getLogger(ProxyPages.class);

    private final Cluster cluster;
    private final InstantSource clock;

    ProxyPages(Cluster cluster, InstantSource clock) {
        this.cluster = cluster;
        this.clock = clock;
    }

    String proxies(ApiRequest request) throws StoreException {
        long epoch = cluster.topologies().read().topology().epoch();
        return ApiJson.text(new ProxiesAnswer(
                epoch,
                cluster.proxies().proxies().stream()
                        .map(proxy -> answer(proxy, epoch))
                        .toList()));
    }

    /** Its heartbeat was read after the epoch, so it may be ahead of it; that is not behind. */
    private ProxyAnswer answer(ProxyState proxy, long epoch) {
        Optional<Heartbeat> heartbeat = proxy.heartbeat();
        long refused = heartbeat.map(Heartbeat::refused).orElse(0L);
        return new ProxyAnswer(
                proxy.id(),
                proxy.registration().version(),
                proxy.registration().admin(),
                proxy.registration().incarnation().isEmpty()
                        ? ""
                        : proxy.registration().started().toString(),
                new TreeMap<>(proxy.registration().pools()),
                proxy.live(),
                proxy.appliedEpoch(),
                Math.max(0, epoch - proxy.appliedEpoch()),
                heartbeat.isEmpty() ? null : (Long) age(proxy),
                refused == 0 ? null : (Long) refused,
                reason(proxy));
    }

    private static @Nullable String reason(ProxyState proxy) {
        if (!proxy.isReadable()) {
            return "cannot be understood: " + proxy.unreadable();
        }
        return proxy.heartbeat()
                .filter(heartbeat -> heartbeat.refused() != 0)
                .map(Heartbeat::reason)
                .orElse(null);
    }

    /** By two clocks, ZooKeeper's and ours: never less than nothing. */
    private long age(ProxyState proxy) {
        return Math.max(
                0, Duration.between(proxy.heartbeatAt(), clock.instant()).toMillis());
    }

    String remove(ApiRequest request) throws StoreException, ApiException {
        if (!cluster.leadership().leads()) {
            throw ApiException.notLeader(cluster.leadership().leaderUrl());
        }
        String id = request.place("ID");
        List<ProxyState> all = cluster.proxies().proxies();
        ProxyState found = all.stream()
                .filter(proxy -> proxy.id().equals(id))
                .findFirst()
                .orElseThrow(() -> ApiException.notFound("no proxy " + Words.quoted(id)
                        + Words.didYouMean(id, all.stream().map(ProxyState::id).toList())));
        if (found.live()) {
            throw ApiException.of(
                    409,
                    "refused",
                    "proxy " + id + " is alive: its session with ZooKeeper is",
                    "stop it first; it takes itself off the list then. Only one that died has to be removed");
        }
        remove(id);
        write(request, id);
        return ApiJson.text(new ProxyRemovedAnswer(id, ASSUMES));
    }

    /** What nobody answered may have been done. */
    private void remove(String id) throws StoreException {
        try {
            cluster.proxies().remove(id);
        } catch (StoreException e) {
            throw e.reason() != Reason.UNAVAILABLE
                    ? e
                    : unknown("ZooKeeper did not answer, so proxy " + id + " may have been removed or not", e);
        }
    }

    private void write(ApiRequest request, String id) throws StoreException {
        try {
            note(request, id);
        } catch (StoreException e) {
            log.warn("A proxy was removed, but that is missing in the history: proxy={}", id, e);
            throw unknown("proxy " + id + " was removed, but that could not be written into the history", e);
        }
    }

    private static StoreException unknown(String message, StoreException cause) {
        return new StoreException(Reason.OUTCOME_UNKNOWN, message + " (" + cause.getMessage() + ")", cause);
    }

    private void note(ApiRequest request, String id) throws StoreException {
        long epoch = cluster.topologies().read().topology().epoch();
        String by = request.caller().as(request.text("by").orElse(""));
        cluster.history()
                .add(new HistoryEntry(
                        clock.instant().truncatedTo(ChronoUnit.MILLIS),
                        by,
                        "proxies remove " + id,
                        epoch,
                        epoch,
                        List.of("- proxy " + id, "assumed: " + ASSUMES)));
    }
}
