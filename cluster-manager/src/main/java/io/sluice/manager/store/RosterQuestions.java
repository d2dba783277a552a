package io.sluice.manager.store;

import io.sluice.manager.store.Questions.Node;
import io.sluice.manager.store.StoreException.Reason;
import io.sluice.routing.cluster.Heartbeat;
import io.sluice.routing.cluster.ProxyRegistration;
import io.sluice.routing.cluster.ZnodePaths;
import io.sluice.routing.config.ConfigException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher;
import org.jspecify.annotations.Nullable;

/** Asks for the proxies' nodes. One that cannot be understood is an error: who counts acknowledgements must not pass it over. */
final class RosterQuestions {

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
    List<ProxyState> proxies() throws KeeperException, InterruptedException, StoreException {
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
    private Optional<ProxyState> state(Asked one) throws KeeperException, InterruptedException, StoreException {
        Optional<Node> registration = Questions.answer(one.registration);
        Optional<Node> heartbeat = Questions.answer(one.heartbeat);
        boolean live = Questions.answer(one.live).isPresent();
        if (registration.isEmpty()) {
            return Optional.empty();
        }
        String id = one.id;
        try {
            return Optional.of(new ProxyState(
                    id,
                    ProxyRegistration.parse(paths.proxy(id), registration.get().bytes()),
                    heartbeat.map(beat -> Heartbeat.parse(paths.heartbeat(id), beat.bytes())),
                    heartbeat.map(beat -> beat.stat().getVersion()).orElse(0),
                    heartbeat.map(beat -> beat.stat().getMzxid()).orElse(0L),
                    Instant.ofEpochMilli(
                            heartbeat.map(beat -> beat.stat().getMtime()).orElse(0L)),
                    live));
        } catch (ConfigException e) {
            throw new StoreException(Reason.BAD_DOCUMENT, String.valueOf(e.getMessage()), e);
        }
    }
}
