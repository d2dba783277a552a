package io.sluice.manager.migration.ring;

import io.sluice.manager.migration.engine.KeyFilter;
import io.sluice.manager.redis.RedisConnector;
import io.sluice.manager.redis.RedisException;
import io.sluice.manager.redis.RedisLink;
import io.sluice.routing.topology.ServerAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.resps.ScanResult;

/** A ring of Redis servers that broker messages. */
final class RedisRingServers implements RingServers {

    /** Keys looked at per call. */
    private static final ScanParams SOME = new ScanParams().count(500);

    private static final Pattern DATABASE = Pattern.compile("(?m)^db(\\d+):");

    private final RingOwners owners;
    private final RedisConnector connector;
    private volatile boolean closed;

    RedisRingServers(RingOwners owners, RedisConnector connector) {
        this.owners = owners;
        this.connector = connector;
    }

    /** Messages are never leftovers. */
    @Override
    public long sweep() throws RingServerException {
        throw new RingServerException("nothing is taken off servers that broker messages");
    }

    @Override
    public Holdings holdings() throws RingServerException {
        Count count = new Count();
        for (ServerAddress server : owners.oldServers()) {
            look(server, owners.goingFrom(server), count::onOld);
        }
        for (ServerAddress server : owners.nextServers()) {
            look(server, owners.comingTo(server), count::onNew);
        }
        return count.holdings();
    }

    /** What is counted at the keys of one server. */
    private interface Counter {
        void count(ServerAddress server, String type);
    }

    private static final class Count {
        private long queues;
        private long others;
        private long early;
        private String example = "";

        void onOld(ServerAddress server, String type) {
            if (type.equals("list")) {
                queues++;
            } else if (!type.equals("none")) { // gone since it was listed
                others++;
                example = "a " + type + " on " + server;
            }
        }

        void onNew(ServerAddress server, String type) {
            if (!type.equals("none")) {
                early++;
                example = "a " + type + " on " + server;
            }
        }

        Holdings holdings() {
            return new Holdings(queues, others, early, example);
        }
    }

    private void look(ServerAddress server, KeyFilter filter, Counter counter) throws RingServerException {
        try (RedisLink link = new RedisLink(connector, server)) {
            for (int database : databases(link)) {
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

    private static List<Integer> databases(RedisLink link) throws RedisException {
        return DATABASE.matcher(link.ask(jedis -> jedis.info("keyspace")))
                .results()
                .map(found -> Integer.valueOf(found.group(1)))
                .toList();
    }

    private void rejectClosed() throws RingServerException {
        if (closed) {
            throw new RingServerException("stopped");
        }
    }

    @Override
    public List<String> silentOldServers() {
        List<String> silent = new ArrayList<>();
        for (ServerAddress server : owners.oldServers()) {
            try (RedisLink link = new RedisLink(connector, server)) {
                link.ask(jedis -> new String(
                        jedis.ping("sluice".getBytes(StandardCharsets.US_ASCII)), StandardCharsets.US_ASCII));
            } catch (RedisException e) {
                silent.add(server + " " + e.getMessage());
            }
        }
        return silent;
    }

    @Override
    public void close() {
        closed = true;
    }
}
