package io.sluice.manager.migration.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import redis.clients.jedis.Protocol.Command;

/**
 * Walks over the keys of one database, a batch at a time. Every key that is there all the while is found; one that comes or
 * goes may be or may not be; some may be found twice.
 */
final class KeyScan {

    /** Keys looked at per call: more makes the server stall, less makes no difference. */
    static final int COUNT = 500;

    private static final byte[] START = RedisLink.ascii("0");
    private static final byte[] COUNT_WORD = RedisLink.ascii("COUNT");
    private static final byte[] COUNT_VALUE = RedisLink.ascii(COUNT);

    private final RedisLink link;
    private final KeyFilter filter;
    private final boolean ahead;
    private byte[] cursor = START;
    private boolean begun;
    private long seen;

    /** The link stays in that database while the scan is used. */
    KeyScan(RedisLink link, KeyFilter filter, int database) throws CopyException {
        this(link, filter, database, false);
    }

    /** One that asks for the next keys before it hands some on: the link is used for nothing else until its end. */
    static KeyScan ahead(RedisLink link, KeyFilter filter, int database) throws CopyException {
        return new KeyScan(link, filter, database, true);
    }

    private KeyScan(RedisLink link, KeyFilter filter, int database, boolean ahead) throws CopyException {
        this.link = link;
        this.filter = filter;
        this.ahead = ahead;
        link.call(Command.SELECT, RedisLink.ascii(database));
    }

    boolean hasNext() {
        return !begun || !(cursor.length == 1 && cursor[0] == '0');
    }

    /** Keys that move among the next few hundred; often none. */
    List<byte[]> next() throws CopyException {
        if (!begun || !ahead) {
            ask();
        }
        begun = true;
        List<?> reply = (List<?>) Objects.requireNonNull(link.receiveAnswer(Command.SCAN));
        cursor = (byte[]) Objects.requireNonNull(reply.get(0));
        if (ahead && hasNext()) {
            ask();
        }
        List<byte[]> moving = new ArrayList<>();
        for (Object key : (List<?>) Objects.requireNonNull(reply.get(1))) {
            byte[] name = (byte[]) key;
            seen++;
            if (filter.moves(name)) {
                moving.add(name);
            }
        }
        return moving;
    }

    private void ask() throws CopyException {
        link.send(Command.SCAN, cursor, COUNT_WORD, COUNT_VALUE);
        link.flush();
    }

    /** Keys looked at so far, moving or not. */
    long seen() {
        return seen;
    }
}
