package io.sluice.proxy.testing;

import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.Handling;
import io.sluice.proxy.command.SessionStep;
import io.sluice.proxy.command.TextArguments;
import io.sluice.proxy.protocol.resp.RedisCommands;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Random requests whose replies depend on nothing but the requests before them: no clock, no chance, no order of a
 * hash table. Keys of one request share a hash tag, but for those commands that may be split.
 */
public final class RandomCommands {

    /** Keys of types: s string, h hash, l list, i set of integers, z sorted set, x stream, p HyperLogLog, g geo. */
    private static final String TYPES = "shlizxpg";

    private static final int TAGS = 12;
    private static final int KEYS_PER_TAG = 3;
    private static final int LARGEST = 3 << 20;
    private static final Pattern NEWER_THAN_SERVERS =
            Pattern.compile("HP?(TTL|EXPIRE|EXPIREAT|EXPIRETIME)|HPERSIST|HGETDEL|HGETEX|HSETEX");
    private static final Pattern PLACEHOLDER = Pattern.compile("<([a-z]+)>");

    /**
     * One request per line. {@code <s> <h> …} is a key of that type with the tag of the request, {@code <any>} a key
     * of any type and tag, {@code <big>} one of any tag with a large string, {@code <none>} one that never holds anything.
     * Left out are: what depends on a clock (TTL, idle times, DUMP of a stream) or on chance (SPOP of a few), COMMAND and what else differs
     * by name, HELLO 2 and 3 (a proxy's own reply; it speaks RESP2 only), keys of different servers in one request that
     * cannot be split, scripts by their digest (loaded on one server of three), and what the proxy refuses.
     */
    private static final List<String> TEMPLATES = """
            MGET <any>
            MGET <any> <any>
            MGET <any> <any> <any> <any> <any> <any> <any> <any>
            MSET <str> <value> <str> <value> <str> <value> <str> <value>
            MSET <str> <value>
            DEL <any> <any> <any>
            UNLINK <any> <any>
            EXISTS <any> <any> <any> <any> <any>
            TOUCH <any> <any> <any>
            EXISTS <any>
            DEL <any>
            SET <s> <value>
            SET <s> <value>
            SET <s> <int>
            SET <s> <value> NX
            SET <s> <value> XX GET
            SET <s> <value> EXAT <time>
            SET <s> <value> KEEPTTL
            SETNX <s> <value>
            GET <s>
            GETSET <s> <value>
            GETDEL <s>
            GETEX <s> EXAT <time>
            GETEX <s> PERSIST
            GETRANGE <s> <int> <int>
            SUBSTR <s> 0 <int>
            SETRANGE <s> <small> <value>
            APPEND <s> <value>
            STRLEN <s>
            INCR <s>
            DECR <s>
            INCRBY <s> <int>
            DECRBY <s> <int>
            INCRBYFLOAT <s> <float>
            MSETNX <s> <value> <s> <value>
            LCS <s> <s> LEN
            SETBIT <s> <small> 1
            GETBIT <s> <small>
            BITCOUNT <s>
            BITCOUNT <s> 0 <small> BIT
            BITPOS <s> 1
            BITFIELD <s> SET u8 <small> <small> GET i5 <small> INCRBY u4 0 1
            BITFIELD_RO <s> GET u8 <small>
            BITOP XOR <s> <s> <s>
            BITOP NOT <s> <s>
            HSET <h> <field> <short>
            HSET <h> <field> <short> <field> <int>
            HMSET <h> <field> <short>
            HSETNX <h> <field> <short>
            HGET <h> <field>
            HMGET <h> <field> <field> <field>
            HGETALL <h>
            HKEYS <h>
            HVALS <h>
            HLEN <h>
            HEXISTS <h> <field>
            HSTRLEN <h> <field>
            HDEL <h> <field>
            HINCRBY <h> <field> <int>
            HINCRBYFLOAT <h> <field> <float>
            HSCAN <h> 0
            LPUSH <l> <value> <int>
            RPUSH <l> <int>
            RPUSH <l> <value>
            LPUSHX <l> <value>
            RPUSHX <l> <int>
            LPOP <l>
            RPOP <l> <small>
            LLEN <l>
            LINDEX <l> <int>
            LRANGE <l> 0 <small>
            LSET <l> <int> <value>
            LREM <l> 0 <int>
            LTRIM <l> 0 20
            LINSERT <l> BEFORE <int> <int>
            LPOS <l> <int>
            LMOVE <l> <l> LEFT RIGHT
            RPOPLPUSH <l> <l>
            LMPOP 2 <l> <l> LEFT COUNT 2
            SORT <l> ALPHA DESC
            SORT <l> STORE <l>
            SORT_RO <l>
            SADD <i> <small> <small>
            SREM <i> <small>
            SCARD <i>
            SMEMBERS <i>
            SISMEMBER <i> <small>
            SMISMEMBER <i> <small> <small>
            SMOVE <i> <i> <small>
            SUNION <i> <i> <i>
            SINTER <i> <i>
            SDIFF <i> <i>
            SUNIONSTORE <i> <i> <i>
            SINTERSTORE <i> <i> <i>
            SDIFFSTORE <i> <i> <i>
            SINTERCARD 2 <i> <i>
            SSCAN <i> 0
            ZADD <z> <int> <field>
            ZADD <z> GT CH <float> <field> <int> <field>
            ZINCRBY <z> <float> <field>
            ZREM <z> <field>
            ZSCORE <z> <field>
            ZMSCORE <z> <field> <field>
            ZCARD <z>
            ZCOUNT <z> -inf <int>
            ZLEXCOUNT <z> - +
            ZRANK <z> <field>
            ZREVRANK <z> <field>
            ZRANGE <z> 0 -1 WITHSCORES
            ZRANGE <z> (<int> +inf BYSCORE LIMIT 0 3
            ZRANGEBYSCORE <z> -inf <int>
            ZREVRANGE <z> 0 3
            ZREVRANGEBYSCORE <z> +inf <int>
            ZPOPMIN <z>
            ZPOPMAX <z> 2
            ZMPOP 2 <z> <z> MIN
            ZRANGESTORE <z> <z> 0 3
            ZREMRANGEBYRANK <z> 5 -1
            ZREMRANGEBYSCORE <z> <int> +inf
            ZUNION 2 <z> <z> WITHSCORES
            ZINTER 2 <z> <i>
            ZDIFF 2 <z> <z>
            ZUNIONSTORE <z> 2 <z> <z> WEIGHTS 2 1
            ZINTERSTORE <z> 2 <z> <z> AGGREGATE MAX
            ZDIFFSTORE <z> 2 <z> <z>
            ZINTERCARD 2 <z> <z> LIMIT 2
            XADD <x> <id> <field> <value>
            XADD <x> MAXLEN 10 <id> <field> <short> <field> <int>
            XADD <x> NOMKSTREAM <id> <field> <short>
            XLEN <x>
            XRANGE <x> - +
            XREVRANGE <x> + - COUNT 2
            XDEL <x> <id>
            XTRIM <x> MAXLEN 5
            XREAD COUNT 2 STREAMS <x> <x> 0 <id>
            XGROUP CREATE <x> group 0 MKSTREAM
            XGROUP SETID <x> group <id>
            XGROUP DESTROY <x> group
            XREADGROUP GROUP group me COUNT 2 STREAMS <x> >
            XACK <x> group <id> <id>
            XPENDING <x> group
            XINFO GROUPS <x>
            PFADD <p> <short> <int> <field>
            PFCOUNT <p>
            PFCOUNT <p> <p>
            PFMERGE <p> <p> <p>
            GEOADD <g> <float> <float> <field>
            GEOPOS <g> <field> <field>
            GEODIST <g> <field> <field> km
            GEOHASH <g> <field>
            GEOSEARCH <g> FROMLONLAT <float> <float> BYRADIUS 9000 km ASC
            GEOSEARCHSTORE <g> <g> FROMLONLAT 0 0 BYBOX 5000 5000 km
            GEORADIUS <g> 0 0 5000 km STORE <z>
            GEORADIUS_RO <g> <float> 0 5000 km ASC COUNT 2
            EXPIREAT <s> <time>
            EXPIREAT <l> <time> NX
            PEXPIREAT <h> <time>000
            EXPIRETIME <s>
            PEXPIRETIME <h>
            TTL <none>
            PERSIST <s>
            EXPIRE <p> -1
            TYPE <any>
            OBJECT ENCODING <s>
            COPY <s> <s> REPLACE
            RENAME <s> <s>
            RENAMENX <s> <s>
            EVAL return{redis.call('get',KEYS[1]),redis.call('append',KEYS[2],ARGV[1]),ARGV} 2 <s> <s> <value>
            EVAL_RO return{KEYS,{ARGV[1],{1,false}}} 1 <s> <value>
            SET <big> <large>
            MSET <big> <large> <str> <value> <big> <large>
            MGET <big> <any> <big>
            GET <big>
            STRLEN <big>
            APPEND <big> <value>
            GETRANGE <big> <int> <int>
            DEL <big> <big>
            PSETEX <s> 0 <value>
            PEXPIRE <s> -1
            PTTL <none>
            DUMP <big>
            RESTORE <s> 0 <short>
            OBJECT FREQ <s>
            OBJECT IDLETIME <none>
            SADD <i> <small> <small> <small> <small> <small> <small> <small> <small> <small> <small> <small> <small>
            RPUSH <l> <int> <value> <short> <int> <value> <short> <int> <value> <short> <int> <value> <short>
            SPOP <i> 1000
            SRANDMEMBER <i> 1000
            HRANDFIELD <h> 1000 WITHVALUES
            ZRANDMEMBER <z> 1000
            HTTL <h> FIELDS 1 <field>
            HEXPIRE <h> 10 FIELDS 1 <field>
            HGETDEL <h> FIELDS 1 <field>
            HSETEX <h> FIELDS 1 <field> x
            ZRANGEBYLEX <z> - + LIMIT 0 3
            ZREVRANGEBYLEX <z> + [field3
            ZREMRANGEBYLEX <z> [field8 +
            ZSCAN <z> 0
            XAUTOCLAIM <x> group me 0 0 COUNT 2
            XCLAIM <x> group you 0 <id> JUSTID
            XGROUP CREATECONSUMER <x> group you
            XGROUP DELCONSUMER <x> group me
            XINFO STREAM <x>
            XINFO CONSUMERS <none> group
            XSETID <x> <id>
            XRANGE <x> <id> + COUNT 3
            GEORADIUSBYMEMBER <g> <field> 5000 km ASC COUNT 3
            GEORADIUSBYMEMBER_RO <g> <field> 9000 km WITHDIST ASC
            EVAL return(redis.call('set',KEYS[1],ARGV[1])) 1 <s> <value>
            EVAL return(redis.error_reply('MINE'..ARGV[1])) 1 <s> <int>
            EVAL return(redis.call('lpush',KEYS[1],1)) 1 <s>
            EVAL syntax( 1 <s>
            EVALSHA ffffffffffffffffffffffffffffffffffffffff 1 <s>
            EVALSHA_RO nosha 1 <s>
            FCALL nosuch 1 <s> x
            FCALL_RO nosuch 1 <s>
            GET <h>
            HGET <s> <field>
            LPUSH <h> x
            SADD <z> 1
            ZADD <i> 1 m
            XADD <s> <id> a b
            PFADD <l> x
            HELLO 4
            HELLO x
            PING
            PING <value>
            ECHO <value>
            SELECT 0
            NOSUCHCOMMAND <s> x
            GET
            GET <s> <s>
            SET <s>
            MSET <s> 1 <s>
            HSET <h> <field>
            INCRBY <s> many
            LPUSH <s> x
            SETEX <s> 0 x
            ZADD <z> NX XX 1 m
            """.lines().toList();

    private static final List<List<List<String>>> TRANSACTION_ENDS = List.of(
            List.of(List.of("EXEC")),
            List.of(List.of("EXEC")),
            List.of(List.of("EXEC")),
            List.of(List.of("EXEC"), List.of("EXEC")),
            List.of(List.of("MULTI"), List.of("EXEC")),
            List.of(List.of("WATCH", "a"), List.of("EXEC")),
            List.of(List.of("UNWATCH"), List.of("EXEC")),
            List.of(List.of("GET"), List.of("EXEC")),
            List.of(List.of("DISCARD")),
            List.of(List.of("DISCARD"), List.of("DISCARD"), List.of("UNWATCH")));

    private final RandomGenerator random;
    private int tag;
    private boolean oneTag;

    public RandomCommands(RandomGenerator random) {
        this.random = random;
    }

    /** A request as its arguments, ISO 8859-1. */
    public List<String> next() {
        tag = random.nextInt(TAGS);
        return request();
    }

    /** A transaction on keys with one tag, with and without watched keys, carried out or not. */
    public List<List<String>> nextTransaction() {
        tag = random.nextInt(TAGS);
        oneTag = true;
        List<List<String>> requests = new ArrayList<>();
        if (random.nextBoolean()) {
            requests.add(List.of("WATCH", key('s', tag), key('h', tag)));
        }
        if (random.nextInt(5) == 0) {
            requests.add(List.of("APPEND", key('s', tag), "x")); // which may be watched
        }
        requests.add(List.of("MULTI"));
        for (int i = random.nextInt(8); i > 0; i--) {
            List<String> request = request();
            if (mayBePartOfATransaction(request)) {
                requests.add(request);
            }
        }
        requests.addAll(TRANSACTION_ENDS.get(random.nextInt(TRANSACTION_ENDS.size())));
        oneTag = false;
        return requests;
    }

    /** The proxy answers some commands itself, and refuses these where they would have to be a server's. */
    private static boolean mayBePartOfATransaction(List<String> request) {
        TextArguments arguments = TextArguments.of(request.toArray(String[]::new));
        Command command = RedisCommands.TABLE.find(arguments);
        if (NEWER_THAN_SERVERS.matcher(request.get(0)).matches()) {
            return false; // only a server says that it does not know them, when the transaction ends
        }
        if (command != null
                && command.arityAllows(request.size())
                && command.keys().locate(arguments, new int[request.size()]) < 0) {
            return false; // the proxy must know the keys at once; a server looks at them when the transaction ends
        }
        return command == null
                || command.handling() == Handling.FORWARD
                || command.step() == SessionStep.SCRIPT
                || command.step() == SessionStep.ON_ANY_SERVER;
    }

    private List<String> request() {
        List<String> request = new ArrayList<>();
        for (String word : TEMPLATES.get(random.nextInt(TEMPLATES.size())).split(" ", -1)) {
            Matcher placeholder = PLACEHOLDER.matcher(word);
            request.add(placeholder.replaceAll(found -> Matcher.quoteReplacement(fill(found.group(1)))));
        }
        return request;
    }

    private String fill(String placeholder) {
        return switch (placeholder) {
            case "any" -> key(TYPES.charAt(random.nextInt(TYPES.length())), anyTag());
            case "str" -> key('s', anyTag());
            case "none" -> key('n', tag);
            case "big" -> key('B', anyTag());
            case "large" -> large();
            case "value" -> value();
            case "short" -> bytes(random.nextInt(20));
            case "field" -> "field" + random.nextInt(12);
            case "int" -> String.valueOf(random.nextInt(-20, 21));
            case "small" -> String.valueOf(random.nextInt(60));
            case "float" -> random.nextInt(-80, 80) + ".25";
            case "time" -> String.valueOf(4_000_000_000L + random.nextInt(1_000));
            case "id" -> random.nextInt(50) + "-" + random.nextInt(1, 3);
            default -> key(typeOrAnother(placeholder.charAt(0)), tag);
        };
    }

    private int anyTag() {
        return oneTag ? tag : random.nextInt(TAGS);
    }

    /** Now and then a command gets a key of another type. */
    private char typeOrAnother(char type) {
        return random.nextInt(25) == 0 ? TYPES.charAt(random.nextInt(TYPES.length())) : type;
    }

    private String key(char type, int keyTag) {
        return type + "" + random.nextInt(KEYS_PER_TAG) + "{" + keyTag + "}";
    }

    private String value() {
        return switch (random.nextInt(40)) {
            case 0 -> "";
            case 1 -> bytes(random.nextInt(5_000));
            case 2 -> random.nextInt(10) == 0 ? bytes(random.nextInt(100_000)) : "\r\n";
            case 3 -> "$-1\r\n";
            default -> bytes(random.nextInt(40));
        };
    }

    /** Under keys of their own: some commands would take long for them. */
    private String large() {
        return bytes(random.nextInt(random.nextInt(4) == 0 ? LARGEST : LARGEST / 40));
    }

    private String bytes(int count) {
        StringBuilder text = new StringBuilder(count);
        for (int i = 0; i < count; i++) {
            text.append((char) random.nextInt(256));
        }
        return text.toString();
    }
}
