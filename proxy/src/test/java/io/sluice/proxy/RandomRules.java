package io.sluice.proxy;

import java.util.List;
import java.util.Random;

/** Random rules for a user, and random requests that such rules say something about. */
final class RandomRules {
    private static final List<String> CATEGORIES = List.of(
            "keyspace",
            "read",
            "write",
            "set",
            "sortedset",
            "list",
            "hash",
            "string",
            "bitmap",
            "hyperloglog",
            "geo",
            "stream",
            "pubsub",
            "admin",
            "fast",
            "slow",
            "blocking",
            "dangerous",
            "connection",
            "transaction",
            "scripting",
            "all");
    private static final List<String> COMMANDS = List.of(
            "get",
            "set",
            "mget",
            "mset",
            "del",
            "incr",
            "hset",
            "hget",
            "object",
            "object|encoding",
            "memory|usage",
            "client",
            "client|id",
            "client|setname",
            "ping",
            "echo",
            "acl",
            "acl|whoami",
            "config|get",
            "copy",
            "zunionstore",
            "eval",
            "sort",
            "exists",
            "bitfield",
            "flushall",
            "select",
            "rename");
    private static final List<String> GLOBS =
            List.of("a*", "b*", "cache:*", "*:1", "?", "a[1-3]", "a[^2]*", "*", "cache:\\*", "ab", "[bc]*", "**1");
    private static final List<String> KEYS =
            List.of("a", "b", "a1", "a2", "a3x", "ab", "cache:1", "cache:2", "cache:*", "b:1", "x", "c", "l1", "a2y");
    /** None of them may change what only one side serves, nor be answered with the time or a size. */
    private static final List<String> REQUESTS = List.of(
            "GET K",
            "SET K 1",
            "SET K 1 GET",
            "SET K 1 EX 100",
            "MGET K K",
            "MGET K K K",
            "MSET K 1 K 2",
            "DEL K K",
            "INCR K",
            "APPEND K 1",
            "GETSET K 1",
            "GETDEL K",
            "STRLEN K",
            "EXISTS K K",
            "TOUCH K",
            "TYPE K",
            "PERSIST K",
            "EXPIRE K 100",
            "RENAME K K",
            "COPY K K",
            "HSET K f 1",
            "HGET K f",
            "HEXISTS K f",
            "LPUSH K 1",
            "LMOVE K K LEFT RIGHT",
            "LLEN K",
            "SADD K 1",
            "SUNIONSTORE K K K",
            "SINTERCARD 2 K K",
            "SMOVE K K m",
            "ZADD K 1 m",
            "ZUNIONSTORE K 2 K K",
            "ZRANGESTORE K K 0 -1",
            "PFADD K 1",
            "PFMERGE K K",
            "PFCOUNT K",
            "BITOP AND K K K",
            "BITFIELD K GET u8 0",
            "BITFIELD K SET u8 0 1",
            "SETBIT K 1 1",
            "GETBIT K 1",
            "OBJECT ENCODING K",
            "OBJECT FREQ K",
            "EVAL return 1 K",
            "EVAL return 1 K K",
            "SORT K",
            "SORT K STORE K",
            "SORT K BY w_*",
            "SORT K GET #",
            "SORT_RO K BY nosort",
            "GEOADD K 1 1 m",
            "GEOSEARCHSTORE K K FROMMEMBER m BYRADIUS 1 m",
            "XLEN K",
            "XADD K 5-1 f v",
            "XREAD STREAMS K K 0 0",
            "PING",
            "PING hi",
            "ECHO x",
            "SELECT 0",
            "CLIENT ID",
            "CLIENT SETNAME n",
            "CLIENT GETNAME",
            "CLIENT LIST",
            "CONFIG GET x",
            "FLUSHALL WRONG",
            "KEYS *",
            "DBSIZE",
            "INFO",
            "ACL WHOAMI",
            "ACL USERS",
            "ACL CAT",
            "TIME",
            "COMMAND COUNT",
            "CLUSTER INFO",
            "LASTSAVE",
            "SCAN 0");

    private RandomRules() {}

    static String next(Random random) {
        StringBuilder rules = new StringBuilder();
        for (int i = random.nextInt(1, 7); i > 0; i--) {
            rules.append(command(random)).append(' ');
        }
        rules.append(keys(random));
        for (int i = random.nextInt(3); i > 0; i--) {
            rules.append(' ').append(command(random));
        }
        if (random.nextInt(4) == 0) {
            rules.append(" (")
                    .append(command(random))
                    .append(' ')
                    .append(keys(random))
                    .append(')');
        }
        return rules.toString();
    }

    private static String command(Random random) {
        String sign = random.nextInt(3) == 0 ? "-" : "+";
        return switch (random.nextInt(5)) {
            case 0, 1 -> sign + "@" + pick(random, CATEGORIES);
            case 2 -> sign.equals("+") ? "+@all" : "-@dangerous";
            default -> sign + pick(random, COMMANDS);
        };
    }

    private static String keys(Random random) {
        if (random.nextInt(4) == 0) {
            return random.nextBoolean() ? "allkeys" : "~* resetkeys ~" + pick(random, GLOBS);
        }
        StringBuilder keys = new StringBuilder();
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            String glob =
                    pick(random, GLOBS.stream().filter(g -> !g.equals("*")).toList());
            String uses = pick(random, List.of("~", "~", "%R~", "%W~", "%RW~"));
            keys.append(uses).append(glob).append(i > 1 ? " " : "");
        }
        return keys.toString();
    }

    /** {@code K} stands for a key. */
    static String request(Random random) {
        StringBuilder request = new StringBuilder();
        for (String word : pick(random, REQUESTS).split(" ", -1)) {
            request.append(request.isEmpty() ? "" : " ").append(word.equals("K") ? key(random) : word);
        }
        return request.toString();
    }

    static String key(Random random) {
        return pick(random, KEYS);
    }

    private static String pick(Random random, List<String> from) {
        return from.get(random.nextInt(from.size()));
    }
}
