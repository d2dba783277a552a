package io.sluice.proxy.conversation;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.backend.Backend;
import io.sluice.proxy.backend.PrivateConnection;
import io.sluice.proxy.protocol.Announcement;
import io.sluice.proxy.protocol.PubSubWords;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection by which one server sends messages for all clients of this event loop. When it is lost, another one is
 * made and asks for the same topics; what was sent meanwhile is missed, as by any client of Redis. Event-loop only.
 */
final class Subscriber implements ReplySink {

    private static final Logger log = LoggerFactory.getLogger(Subscriber.class);

    /** How long a server may take to confirm a topic. */
    private static final Duration CONFIRM_LIMIT = Duration.ofSeconds(5);

    private static final Duration FIRST_AGAIN = Duration.ofMillis(100);
    private static final Duration LAST_AGAIN = Duration.ofSeconds(5);

    /** What is known of a topic at this server; those who wait for it to be confirmed. */
    private static final class Open {
        private boolean confirmed;
        private final List<Consumer<@Nullable String>> waiting = new ArrayList<>();
    }

    private final Conversations shared;
    private final Channels channels;
    private final Backend server;
    private final Map<Topic, Open> topics = new LinkedHashMap<>();
    private @Nullable PrivateConnection connection;
    private Duration again = FIRST_AGAIN;
    private boolean waitingToConnect;
    private int leaving; // topics of which the server has still to say that no more messages of them come

    Subscriber(Conversations shared, Channels channels, Backend server) {
        this.shared = shared;
        this.channels = channels;
        this.server = server;
    }

    Backend server() {
        return server;
    }

    /** Whether its messages come, or will. */
    boolean has(Topic topic) {
        return topics.containsKey(topic);
    }

    void open(Topic topic, Consumer<@Nullable String> done) {
        Open known = topics.get(topic);
        if (known != null && known.confirmed) {
            done.accept(null);
            return;
        }
        if (known != null) {
            known.waiting.add(done);
            return;
        }
        Open opened = new Open();
        opened.waiting.add(done);
        topics.put(topic, opened);
        if (connection != null) {
            ask(topic, connection);
        } else if (!waitingToConnect) {
            connect();
        }
    }

    private PubSubWords words() {
        return shared.protocol().pubSubWords();
    }

    private void connect() {
        PrivateConnection leased = server.lease();
        if (leased == null) {
            onLost("no private connection is left");
            return;
        }
        connection = leased;
        leased.listen(this);
        leased.onLost(() -> onLost("its connection was lost"));
        List.copyOf(topics.keySet()).forEach(topic -> ask(topic, leased));
    }

    private void ask(Topic topic, PrivateConnection by) {
        words().append(topic, true, by.out());
        by.flush();
        shared.later(() -> giveUp(topic, by), CONFIRM_LIMIT);
    }

    @SuppressWarnings("ReferenceEquality") // whether it is still the same connection is the question
    private void giveUp(Topic topic, PrivateConnection by) {
        Open open = topics.get(topic);
        if (connection == by && open != null && !open.confirmed) {
            by.close();
            onLost("it did not confirm in " + CONFIRM_LIMIT.toMillis() + "ms");
        }
    }

    /** Nobody wants its messages any more, unless somebody is waiting to have them. */
    void close(Topic topic) {
        Open open = topics.get(topic);
        PrivateConnection current = connection;
        if (open == null || !open.waiting.isEmpty()) {
            return;
        }
        topics.remove(topic);
        if (current != null) { // messages that it has sent before it hears of this are still to come
            leaving++;
            words().append(topic, false, current.out());
            current.flush();
            shared.later(() -> closeUnused(current), CONFIRM_LIMIT);
        } else if (topics.isEmpty()) {
            channels.onClosed(this);
        }
    }

    @SuppressWarnings("ReferenceEquality") // whether it is still the same connection is the question
    private void closeUnused(PrivateConnection by) {
        if (connection == by && topics.isEmpty()) {
            channels.onClosed(this);
            connection = null;
            by.close();
        }
    }

    private void onUnsubscribed() {
        PrivateConnection current = connection;
        if (--leaving == 0 && current != null) {
            closeUnused(current);
        }
    }

    // ---- what the server says

    @Override
    public void onReply(ByteBuf source, int offset, int length, boolean last) {
        Announcement announced = words().announcement(source, offset, length);
        if (announced == null) {
            onError(source.toString(offset, Math.min(length, 200), StandardCharsets.ISO_8859_1)
                    .strip());
            return;
        }
        switch (announced.kind()) {
            case MESSAGE -> channels.onMessage(announced.topic(), source, offset, length);
            case SUBSCRIBED -> confirm(announced.topic());
            case UNSUBSCRIBED -> onUnsubscribed();
        }
    }

    private void confirm(Topic topic) {
        again = FIRST_AGAIN;
        Open open = topics.get(topic);
        if (open != null) {
            open.confirmed = true;
            tell(open, null);
        }
    }

    /** It does not say to what: all who wait are told, and ask again if they like. */
    private void onError(String text) {
        PrivateConnection current = connection;
        if (current != null) {
            current.close();
        }
        onLost("it says: " + text);
    }

    @Override
    public void onBroken(String detail) {}

    private static void tell(Open open, @Nullable String problem) {
        List<Consumer<@Nullable String>> waiting = List.copyOf(open.waiting);
        open.waiting.clear();
        waiting.forEach(one -> one.accept(problem));
    }

    // ---- ends

    private void onLost(String why) {
        connection = null;
        leaving = 0;
        List<Open> lost = List.copyOf(topics.values());
        topics.keySet().removeIf(topic -> !channels.isWanted(topic));
        topics.values().forEach(open -> open.confirmed = false);
        String problem = "server=" + server.name() + " cause=" + why;
        if (topics.isEmpty()) {
            channels.onClosed(this);
        } else {
            log.warn(
                    "Messages are missed until the server is subscribed to again: server={} topics={} retry_in={}ms cause={}",
                    server.name(),
                    topics.size(),
                    again.toMillis(),
                    why);
            waitingToConnect = true;
            shared.later(this::connectAgain, again);
            Duration next = again.multipliedBy(2);
            again = next.compareTo(LAST_AGAIN) < 0 ? next : LAST_AGAIN;
        }
        lost.forEach(open -> tell(open, problem));
    }

    private void connectAgain() {
        waitingToConnect = false;
        topics.keySet().removeIf(topic -> !channels.isWanted(topic));
        if (topics.isEmpty()) {
            channels.onClosed(this);
        } else if (shared.owners().all().contains(server)) {
            connect();
            log.info("Subscribing again: server={} topics={}", server.name(), topics.size());
        } else {
            topics.clear(); // the channels have other owners, who have been asked
            channels.onClosed(this);
        }
    }
}
