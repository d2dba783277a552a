package io.sluice.manager.migration.ring;

import io.sluice.manager.migration.engine.KeyFilter;
import io.sluice.manager.migration.ring.Holdings.Found;
import io.sluice.manager.redis.RedisConnector;
import io.sluice.manager.redis.RedisException;
import io.sluice.manager.redis.RedisLink;
import io.sluice.routing.topology.ServerAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.resps.ScanResult;

/** A ring of Redis servers that broker messages; in the databases that its proxies use, since others may share a server. */
final class RedisRingServers implements RingServers {

    /** Keys looked at per call. */
    private static final ScanParams SOME = new ScanParams().count(500);

    private static final Pattern DATABASE = Pattern.compile("(?m)^db(\\d+):");

    private final RingOwners owners;
    private final RedisConnector connector;
    private final Supplier<PoolDatabases> databases;
    private volatile boolean closed;

    /** @param databases in which keys of the pool may be, as of now */
    RedisRingServers(RingOwners owners, RedisConnector connector, Supplier<PoolDatabases> databases) {
        this.owners = owners;
        this.connector = connector;
        this.databases = databases;
    }

    /** Messages are never leftovers. */
    @Override
    public long sweep() throws RingServerException {
        throw new RingServerException("nothing is taken off servers that broker messages");
    }

    @Override
    public Holdings holdings() throws RingServerException {
        Count count = new Count();
        PoolDatabases ofPool = databases.get();
        for (ServerAddress server : owners.oldServers()) {
            look(server, ofPool, owners.goingFrom(server), count::onOld);
        }
        for (ServerAddress server : owners.nextServers()) {
            look(server, ofPool, owners.comingTo(server), count::onNew);
        }
        return count.holdings();
    }

    /** What is counted at the keys of one server. */
    private interface Counter {
        void count(ServerAddress server, String type);
    }

    private static final class Count {
        private Found queues = Found.NOTHING;
        private Found others = Found.NOTHING;
        private Found early = Found.NOTHING;

        void onOld(ServerAddress server, String type) {
            if (type.equals("list")) {
                queues = more(queues, server, type);
            } else {
                others = more(others, server, type);
            }
        }

        void onNew(ServerAddress server, String type) {
            early = more(early, server, type);
        }

        /** A key that has gone since it was listed is none. */
        private static Found more(Found before, ServerAddress server, String type) {
            return type.equals("none") ? before : new Found(before.keys() + 1, "a " + type + " on " + server);
        }

        Holdings holdings() {
            return new Holdings(queues, others, early);
        }
    }

    private void look(ServerAddress server, PoolDatabases ofPool, KeyFilter filter, Counter counter)
            throws RingServerException {
        try (RedisLink link = new RedisLink(connector, server)) {
            for (int database : databases(link, ofPool)) {
                byte[] cursor = ScanParams.SCAN_POINTER_START_BINARY;
                do {
                    rejectClosed();
                    byte[] from = cursor;
                    cursor = link.ask(jedis -> page(jedis, database, from, server, filter, counter));
                } while (!(cursor.length == 1 && cursor[0] == '0'));
            }
        } catch (RedisException e) {
            throw new RingServerException(server + " " + e.getMessage());
        }
    }

    private static byte[] page(
            Jedis jedis, int database, byte[] from, ServerAddress server, KeyFilter filter, Counter counter) {
        jedis.select(database); // the connection may be another than that of the page before
        ScanResult<byte[]> page = jedis.scan(from, SOME);
        for (byte[] key : page.getResult()) {
            if (filter.moves(key)) {
                counter.count(server, jedis.type(key));
            }
        }
        return page.getCursorAsBytes();
    }

    private static List<Integer> databases(RedisLink link, PoolDatabases ofPool) throws RedisException {
        return DATABASE.matcher(link.ask(jedis -> jedis.info("keyspace")))
                .results()
                .map(found -> Integer.valueOf(found.group(1)))
                .filter(ofPool::mayHave)
                .toList();
    }

    private void rejectClosed() throws RingServerException {
        if (closed) {
            throw new RingServerException("stopped");
        }
    }

    /** Nothing of a broker ends early because a server is away: the change waits for what is on it. */
    @Override
    public Optional<Silent> silentGiver() {
        return Optional.empty();
    }

    @Override
    public void close() {
        closed = true;
    }
}
