package io.sluice.proxy.conversation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.PubSubWords;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.protocol.Topic;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The topics of one client. Its messages go into its out buffer like replies, and count like these. Event-loop only. */
final class Subscriptions {

    /** How many topics one client may have. */
    static final int MOST_TOPICS = 10_000;

    private static final int LONGEST_NAME_BYTES = 16 << 10;

    private final Conversations shared;
    private final Conversation conversation;
    private final Client client;
    private final Set<Topic> topics = new LinkedHashSet<>();
    private boolean closed;

    Subscriptions(Conversations shared, Conversation conversation, Client client) {
        this.shared = shared;
        this.conversation = conversation;
        this.client = client;
    }

    boolean isEmpty() {
        return topics.isEmpty();
    }

    private PubSubWords words() {
        return shared.protocol().pubSubWords();
    }

    void onMessage(ByteBuf source, int offset, int length) {
        client.push(source, offset, length);
    }

    // ---- more

    /** The client hears of all of them at once, when each is confirmed; or of a problem, and then it has none of them. */
    void subscribe(Command command, Request request, ReplySink slot) {
        Topic.Kind kind = words().kind(command);
        if (topics.size() + request.count() - 1 > MOST_TOPICS) {
            client.fail(slot, ErrorKind.OVERLOADED, "more than " + MOST_TOPICS + " channels and patterns");
            return;
        }
        List<Topic> wanted = new ArrayList<>();
        for (int i = 1; i < request.count(); i++) {
            if (request.length(i) > LONGEST_NAME_BYTES) {
                client.fail(slot, ErrorKind.MALFORMED, "a name is longer than " + LONGEST_NAME_BYTES + " bytes");
                return;
            }
            wanted.add(new Topic(kind, request.text(i)));
        }
        conversation.beginHoldUp();
        int[] open = {wanted.size()};
        @Nullable String[] problem = {null};
        for (Topic topic : wanted) {
            shared.channels().open(topic, wrong -> {
                problem[0] = wrong == null ? problem[0] : wrong;
                if (--open[0] == 0) {
                    finish(wanted, problem[0], slot);
                }
            });
        }
    }

    private void finish(List<Topic> wanted, @Nullable String problem, ReplySink slot) {
        conversation.endHoldUp();
        if (problem != null || closed) {
            wanted.stream().filter(topic -> !topics.contains(topic)).forEach(shared.channels()::closeIfUnused);
            client.fail(slot, ErrorKind.UNREACHABLE, problem == null ? "the client has closed" : problem);
            return;
        }
        ByteBuf reply = Unpooled.buffer();
        for (Topic topic : wanted) {
            if (topics.add(topic)) {
                shared.channels().add(topic, this);
            }
            words().appendConfirmation(topic.kind(), topic, true, count(topic.kind()), reply);
        }
        slot.onReply(reply, 0, reply.readableBytes(), true);
    }

    /** As Redis counts: channels and patterns together, those of shards apart. */
    private int count(Topic.Kind kind) {
        boolean ofShards = kind == Topic.Kind.SHARD_CHANNEL;
        return (int) topics.stream()
                .filter(topic -> (topic.kind() == Topic.Kind.SHARD_CHANNEL) == ofShards)
                .count();
    }

    // ---- fewer

    void unsubscribe(Command command, Request request, ReplySink slot) {
        Topic.Kind kind = words().kind(command);
        List<Topic> unwanted = new ArrayList<>();
        if (request.count() == 1) {
            topics.stream().filter(topic -> topic.kind() == kind).forEach(unwanted::add);
        }
        for (int i = 1; i < request.count(); i++) {
            unwanted.add(new Topic(kind, request.text(i)));
        }
        ByteBuf reply = Unpooled.buffer();
        for (Topic topic : unwanted) {
            remove(topic);
            words().appendConfirmation(kind, topic, false, count(kind), reply);
        }
        if (unwanted.isEmpty()) {
            words().appendConfirmation(kind, null, false, count(kind), reply);
        }
        slot.onReply(reply, 0, reply.readableBytes(), true);
    }

    private void remove(Topic topic) {
        if (topics.remove(topic)) {
            shared.channels().remove(topic, this);
        }
    }

    /** The client is gone. */
    void close() {
        closed = true;
        List.copyOf(topics).forEach(this::remove);
    }
}
