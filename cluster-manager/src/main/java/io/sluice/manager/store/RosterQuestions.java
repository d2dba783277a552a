package io.sluice.manager.store;

import io.sluice.manager.store.Questions.Node;
import io.sluice.routing.cluster.Heartbeat;
import io.sluice.routing.cluster.ProxyRegistration;
import io.sluice.routing.cluster.ZnodePaths;
import io.sluice.routing.config.ConfigException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher;
import org.jspecify.annotations.Nullable;

/** Asks for the proxies' nodes. One that cannot be understood is told all the same: who counts acknowledgements must not pass it over. */
final class RosterQuestions {

    /** Obeys no lease: no silence fences it. */
    private static final ProxyRegistration NOT_UNDERSTOOD = new ProxyRegistration("", "", "", Instant.EPOCH, Map.of());

    private final Questions questions;
    private final ZnodePaths paths;
    private final @Nullable Watcher watcher;
    private final CompletableFuture<List<String>> ids;

    /**
     * Asks which there are.
     *
     * @param watcher told once when a heartbeat is written after it was read
     */
    RosterQuestions(Questions questions, ZnodePaths paths, @Nullable Watcher watcher) {
        this.questions = questions;
        this.paths = paths;
        this.watcher = watcher;
        this.ids = questions.children(paths.proxies());
    }

    /** What is asked of one. */
    private record Asked(
            String id,
            CompletableFuture<Optional<Node>> registration,
            CompletableFuture<Optional<Node>> heartbeat,
            CompletableFuture<Optional<Node>> live) {}

    /** All of them, by id. */
    List<ProxyState> proxies() throws KeeperException, InterruptedException {
        List<Asked> asked =
                Questions.answer(ids).stream().sorted().map(this::ask).toList();
        List<ProxyState> states = new ArrayList<>();
        for (Asked one : asked) {
            state(one).ifPresent(states::add);
        }
        return states;
    }

    private Asked ask(String id) {
        return new Asked(
                id,
                questions.node(paths.proxy(id), null),
                questions.node(paths.heartbeat(id), watcher),
                questions.node(paths.live(id), null));
    }

    /** Empty if it has gone meanwhile. */
    private Optional<ProxyState> state(Asked one) throws KeeperException, InterruptedException {
        Optional<Node> registration = Questions.answer(one.registration);
        Optional<Node> heartbeat = Questions.answer(one.heartbeat);
        boolean live = Questions.answer(one.live).isPresent();
        if (registration.isEmpty()) {
            return Optional.empty();
        }
        String id = one.id;
        List<String> problems = new ArrayList<>();
        ProxyRegistration known = understood(
                        () -> ProxyRegistration.parse(
                                paths.proxy(id), registration.get().bytes()),
                        problems)
                .orElse(NOT_UNDERSTOOD);
        return Optional.of(new ProxyState(
                id,
                known,
                heartbeat.flatMap(
                        beat -> understood(() -> Heartbeat.parse(paths.heartbeat(id), beat.bytes()), problems)),
                heartbeat.map(beat -> beat.stat().getVersion()).orElse(0),
                heartbeat.map(beat -> beat.stat().getMzxid()).orElse(0L),
                Instant.ofEpochMilli(
                        heartbeat.map(beat -> beat.stat().getMtime()).orElse(0L)),
                live,
                String.join("; ", problems)));
    }

    private static <T> Optional<T> understood(Supplier<T> reading, List<String> problems) {
        try {
            return Optional.of(reading.get());
        } catch (ConfigException e) {
            problems.add(String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }
}
