package io.sluice.proxy.protocol.resp;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.protocol.Announcement;
import io.sluice.proxy.protocol.PubSubWords;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.protocol.Topic;
import io.sluice.proxy.transport.OutBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Redis' messages in RESP2: arrays whose first element says what they are, in the words of Redis 7.0.
 *
 * <pre>
 *   *3 message   channel  text        *3 subscribe  channel :count
 *   *4 pmessage  pattern channel text  *3 psubscribe pattern :count
 * </pre>
 */
final class RespPubSubWords implements PubSubWords {

    private static final int LONGEST_LENGTH = 10; // digits

    @Override
    public Topic.Kind kind(Command command) {
        return switch (command.name()) {
            case "psubscribe", "punsubscribe" -> Topic.Kind.PATTERN;
            case "ssubscribe", "sunsubscribe" -> Topic.Kind.SHARD_CHANNEL;
            default -> Topic.Kind.CHANNEL;
        };
    }

    private static String word(Topic.Kind kind, boolean subscribe) {
        String prefix = switch (kind) {
            case CHANNEL -> "";
            case PATTERN -> "p";
            case SHARD_CHANNEL -> "s";
        };
        return prefix + (subscribe ? "subscribe" : "unsubscribe");
    }

    private static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String bulk(String text) {
        return "$" + text.length() + "\r\n" + text + "\r\n";
    }

    @Override
    public void append(Topic topic, boolean subscribe, OutBuffer out) {
        out.append(latin("*2\r\n" + bulk(word(topic.kind(), subscribe)) + bulk(topic.name())));
    }

    @Override
    public void appendConfirmation(
            Topic.Kind kind, @Nullable Topic topic, boolean subscribed, int count, ByteBuf reply) {
        String name = topic == null ? "$-1\r\n" : bulk(topic.name());
        reply.writeBytes(latin("*3\r\n" + bulk(word(kind, subscribed)) + name + ":" + count + "\r\n"));
    }

    @Override
    public @Nullable Announcement announcement(ByteBuf source, int offset, int length) {
        if (length < 4 || source.getByte(offset) != '*') {
            return null;
        }
        Words words = new Words(source, offset + 4, offset + length); // behind *3 or *4
        String word = words.next();
        String name = word == null ? null : words.next();
        if (word == null || name == null) {
            return null;
        }
        return switch (word) {
            case "message" -> of(Announcement.Kind.MESSAGE, Topic.Kind.CHANNEL, name);
            case "pmessage" -> of(Announcement.Kind.MESSAGE, Topic.Kind.PATTERN, name);
            case "smessage" -> of(Announcement.Kind.MESSAGE, Topic.Kind.SHARD_CHANNEL, name);
            case "subscribe" -> of(Announcement.Kind.SUBSCRIBED, Topic.Kind.CHANNEL, name);
            case "psubscribe" -> of(Announcement.Kind.SUBSCRIBED, Topic.Kind.PATTERN, name);
            case "ssubscribe" -> of(Announcement.Kind.SUBSCRIBED, Topic.Kind.SHARD_CHANNEL, name);
            case "unsubscribe" -> of(Announcement.Kind.UNSUBSCRIBED, Topic.Kind.CHANNEL, name);
            case "punsubscribe" -> of(Announcement.Kind.UNSUBSCRIBED, Topic.Kind.PATTERN, name);
            case "sunsubscribe" -> of(Announcement.Kind.UNSUBSCRIBED, Topic.Kind.SHARD_CHANNEL, name);
            default -> null;
        };
    }

    private static Announcement of(Announcement.Kind kind, Topic.Kind topic, String name) {
        return new Announcement(kind, new Topic(topic, name));
    }

    /** {@code *2 pong text} to PING; to all else what Redis says. */
    @Override
    public ByteBuf replyToSubscriber(Request request) {
        String name = request.text(0).toLowerCase(Locale.ROOT);
        if (name.equals("ping")) {
            return RespText.ascii("*2\r\n" + bulk("pong") + bulk(request.count() > 1 ? request.text(1) : ""));
        }
        return RespText.ascii(
                "-ERR Can't execute '" + name + "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT /"
                        + " RESET are allowed in this context\r\n");
    }

    /** Bulk strings one behind the other. */
    private static final class Words {
        private final ByteBuf source;
        private final int end;
        private int at;

        Words(ByteBuf source, int at, int end) {
            this.source = source;
            this.at = at;
            this.end = end;
        }

        /** The next one; null if it is none, or not whole. */
        @Nullable String next() {
            int newline = at < end ? source.indexOf(at, end, (byte) '\n') : -1;
            if (newline < 0 || newline - at > LONGEST_LENGTH + 2 || source.getByte(at) != '$') {
                return null;
            }
            int length = 0;
            for (int i = at + 1; i < newline - 1; i++) {
                int digit = source.getByte(i) - '0';
                if (digit < 0 || digit > 9) {
                    return null;
                }
                length = length * 10 + digit;
            }
            int begin = newline + 1;
            if (length > end - begin) {
                return null;
            }
            at = begin + length + 2;
            return source.toString(begin, length, StandardCharsets.ISO_8859_1);
        }
    }
}
