package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.PushMessage;

/**
 * Hears from the source which keys are written, by whatever command, script, or expiry: {@code CLIENT TRACKING ON BCAST}. The
 * server announces a key before it answers whoever wrote it, and all announcements are before the PONG of a later PING:
 * {@link #poll} is a barrier.
 */
final class TrackingFeed {

    private static final byte[] INVALIDATE = RedisLink.ascii("invalidate");

    private final RedisLink link;
    private final KeyFilter filter;
    private final DirtyKeys dirty;

    TrackingFeed(RedisLink link, KeyFilter filter, DirtyKeys dirty) throws CopyException {
        this.link = link;
        this.filter = filter;
        this.dirty = dirty;
        link.call(
                Command.CLIENT,
                RedisLink.ascii("TRACKING"),
                RedisLink.ascii("ON"),
                RedisLink.ascii("BCAST"),
                RedisLink.ascii("NOLOOP"));
    }

    /** Every moving key whose write was answered before this call is in the dirty set when it returns. */
    void poll() throws CopyException {
        link.call(Command.PING);
        for (PushMessage push : link.takePushes()) {
            if (Arrays.equals(push.getType(), INVALIDATE)) {
                invalidated(push.getContent());
            }
        }
    }

    private void invalidated(List<Object> content) throws CopyException {
        Object keys = content.size() < 2 ? null : content.get(1);
        if (keys instanceof List<?> names) {
            for (Object name : names) {
                mark(name);
            }
        } else {
            throw new CopyException(
                    Kind.SOURCE_CHANGED,
                    "FLUSHALL, FLUSHDB or a new data set on " + link.endpoint() + ": the copy has to begin again");
        }
    }

    private void mark(@Nullable Object name) throws CopyException {
        byte[] key = name instanceof byte[] bytes ? bytes : String.valueOf(name).getBytes(StandardCharsets.ISO_8859_1);
        if (filter.moves(key)) {
            dirty.add(key);
        }
    }
}
