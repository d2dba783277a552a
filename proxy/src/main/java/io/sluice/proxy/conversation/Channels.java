package io.sluice.proxy.conversation;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.backend.Backend;
import io.sluice.proxy.dispatch.SoleOwners.Place;
import io.sluice.proxy.metrics.PoolMetric;
import io.sluice.proxy.protocol.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who of one pool's clients on one event loop has which topics, and from which servers their messages come: those of a
 * channel from the server that owns its name as it would own a key, those of a pattern from all servers. Event-loop only.
 *
 * <pre>
 *   server ──▶ one connection (Subscriber) ──▶ topic ──▶ its clients
 * </pre>
 */
final class Channels {

    /** How soon it is seen that a channel has another owner. */
    private static final Duration LOOK_AGAIN = Duration.ofMillis(500);

    private final Conversations shared;
    private final Map<Topic, Set<Subscriptions>> clients = new LinkedHashMap<>();
    private final IdentityHashMap<Backend, Subscriber> subscribers = new IdentityHashMap<>();
    private Object version;
    private @Nullable Object handoffs;
    private boolean looking;

    Channels(Conversations shared) {
        this.shared = shared;
        this.version = shared.owners().version();
    }

    /** Has all servers of a topic send its messages; then tells what is wrong, or null. */
    void open(Topic topic, Consumer<@Nullable String> done) {
        List<Backend> servers = serversOf(topic);
        if (servers.isEmpty()) {
            done.accept("no server in use for this channel");
            return;
        }
        int[] open = {servers.size()};
        @Nullable String[] problem = {null};
        for (Backend server : servers) {
            subscriber(server).open(topic, wrong -> {
                problem[0] = wrong == null ? problem[0] : wrong;
                if (--open[0] == 0) {
                    done.accept(problem[0]);
                }
            });
        }
    }

    private List<Backend> serversOf(Topic topic) {
        if (topic.kind() == Topic.Kind.PATTERN) {
            return shared.owners().all();
        }
        Place place = shared.owners().placeOf(topic.name().getBytes(StandardCharsets.ISO_8859_1));
        if (place == null) {
            return List.of();
        }
        Backend successor = shared.owners().successor(place); // nothing is published there before it is the owner
        return successor == null ? List.of(place.server()) : List.of(place.server(), successor);
    }

    private Subscriber subscriber(Backend server) {
        return subscribers.computeIfAbsent(server, any -> new Subscriber(shared, this, server));
    }

    void add(Topic topic, Subscriptions client) {
        clients.computeIfAbsent(topic, any -> new LinkedHashSet<>()).add(client);
        shared.count(PoolMetric.SUBSCRIBED);
        follow(topic, () -> {}); // it may have moved while it was being confirmed
        lookNowAndThen();
    }

    void remove(Topic topic, Subscriptions client) {
        Set<Subscriptions> having = clients.get(topic);
        if (having != null && having.remove(client)) {
            shared.count(PoolMetric.UNSUBSCRIBED);
            closeIfUnused(topic);
        }
    }

    /** Servers need not send messages that nobody has asked for. */
    void closeIfUnused(Topic topic) {
        Set<Subscriptions> having = clients.get(topic);
        if (having == null || having.isEmpty()) {
            clients.remove(topic);
            List.copyOf(subscribers.values()).forEach(subscriber -> subscriber.close(topic));
        }
    }

    boolean isWanted(Topic topic) {
        return clients.containsKey(topic);
    }

    /** Borrows {@code source}. */
    void onMessage(Topic topic, ByteBuf source, int offset, int length) {
        Set<Subscriptions> having = clients.get(topic);
        if (having != null) {
            for (Subscriptions client : List.copyOf(having)) { // one that is too slow goes
                shared.count(PoolMetric.MESSAGES);
                client.onMessage(source, offset, length);
            }
        }
    }

    void onClosed(Subscriber subscriber) {
        subscribers.remove(subscriber.server(), subscriber);
    }

    // ---- other owners

    private void lookNowAndThen() {
        if (!looking && !clients.isEmpty()) {
            looking = true;
            shared.later(this::look, LOOK_AGAIN);
        }
    }

    private void look() {
        looking = false;
        follow(() -> {});
        lookNowAndThen();
    }

    /**
     * Channels may have other owners now, or be about to have: the new one sends before the old one stops.
     *
     * @param done run when all that can send do so, perhaps before this returns
     */
    void follow(Runnable done) {
        if (version == shared.owners().version() && handoffs == shared.owners().handoffs()) {
            done.run();
            return;
        }
        version = shared.owners().version();
        handoffs = shared.owners().handoffs();
        List<Topic> all = List.copyOf(clients.keySet());
        int[] open = {all.size() + 1};
        Runnable one = () -> {
            if (--open[0] == 0) {
                done.run();
            }
        };
        all.forEach(topic -> follow(topic, one));
        one.run();
    }

    private void follow(Topic topic, Runnable done) {
        List<Backend> servers = serversOf(topic);
        if (!servers.isEmpty() && !servers.stream().allMatch(server -> has(server, topic))) {
            open(topic, problem -> {
                closeElsewhere(topic, problem);
                done.run();
            });
        } else {
            closeElsewhere(topic, servers.isEmpty() ? "nowhere" : null);
            done.run();
        }
    }

    private boolean has(Backend server, Topic topic) {
        Subscriber subscriber = subscribers.get(server);
        return subscriber != null && subscriber.has(topic);
    }

    private void closeElsewhere(Topic topic, @Nullable String problem) {
        if (problem == null) {
            List<Backend> servers = serversOf(topic);
            List.copyOf(subscribers.values()).stream()
                    .filter(subscriber -> !servers.contains(subscriber.server()))
                    .forEach(subscriber -> subscriber.close(topic));
        }
    }
}
