package io.sluice.manager.migration.engine;

import java.util.List;
import redis.clients.jedis.Protocol.Command;

/** Takes the moving keys off one server, all databases, by UNLINK. */
final class KeyPurge {

    /** Keys in one UNLINK. */
    private static final int BATCH = 100;

    private final RedisLink link;
    private final KeyFilter filter;
    private final Pace pace;
    private long removed;

    KeyPurge(RedisLink link, KeyFilter filter, Pace pace) {
        this.link = link;
        this.filter = filter;
        this.pace = pace;
    }

    /** Returns how many keys went. One pass: what somebody writes meanwhile may stay. */
    long run() throws CopyException {
        for (int database : link.info("keyspace").databases()) {
            KeyScan scan = new KeyScan(link, filter, database);
            while (scan.hasNext()) {
                unlink(scan.next());
            }
        }
        return removed;
    }

    private void unlink(List<byte[]> keys) throws CopyException {
        int batch = pace.batch(BATCH);
        for (int from = 0; from < keys.size(); from += batch) {
            List<byte[]> some = keys.subList(from, Math.min(keys.size(), from + batch));
            pace.take(some.size(), 0);
            Object count = link.call(Command.UNLINK, some.toArray(byte[][]::new));
            removed += count instanceof Long number ? number : 0;
        }
        pace.checkRunning();
    }
}
