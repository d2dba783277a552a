package io.sluice.proxy.protocol.resp;

import static io.sluice.proxy.command.CommandRow.admin;
import static io.sluice.proxy.command.CommandRow.control;
import static io.sluice.proxy.command.CommandRow.group;
import static io.sluice.proxy.command.CommandRow.mayWrite;
import static io.sluice.proxy.command.CommandRow.read;
import static io.sluice.proxy.command.CommandRow.write;
import static io.sluice.proxy.command.KeyLocator.counted;
import static io.sluice.proxy.command.KeyLocator.destinationAndCounted;
import static io.sluice.proxy.command.KeyLocator.key;
import static io.sluice.proxy.command.KeyLocator.keyWithOptions;
import static io.sluice.proxy.command.KeyLocator.range;
import static io.sluice.proxy.command.KeyLocator.streams;
import static io.sluice.proxy.protocol.resp.RefusalReason.DEBUGGING;
import static io.sluice.proxy.protocol.resp.RefusalReason.HELP;

import io.sluice.proxy.access.AccessRules;
import io.sluice.proxy.access.CommandGroups;
import io.sluice.proxy.command.CommandRow;
import io.sluice.proxy.command.CommandTable;
import io.sluice.proxy.command.KeyLocator;
import io.sluice.proxy.command.KeyOption;
import io.sluice.proxy.command.MergeRule;
import io.sluice.proxy.command.SessionStep;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The table of Redis commands. Here stand those that read and write data, by Redis' own groups; what concerns
 * connections and servers stands in {@link RedisControlCommands}.
 *
 * <p>A row is: name, number of arguments (negative for "at least"), where the keys stand, and what COMMAND says about
 * it. RedisCommandsIT compares all of it with a real server.
 */
public final class RedisCommands {
    private static final KeyLocator KEY = key(1);
    private static final KeyLocator FIRST_TWO = range(1, 2, 1);
    private static final KeyLocator ALL = range(1, -1, 1);
    private static final KeyLocator KEYS_AND_VALUES = range(1, -1, 2);
    private static final KeyLocator ALL_BUT_FIRST = range(2, -1, 1);
    private static final KeyLocator ALL_BUT_LAST = range(1, -2, 1);

    /**
     * BY and GET may name keys of other servers by a pattern; as with twemproxy the server that owns the list looks
     * for them among its own.
     */
    private static final KeyLocator SORT = keyWithOptions(
            2,
            KeyOption.key("store"),
            KeyOption.other("limit", 2),
            KeyOption.other("get", 1),
            KeyOption.other("by", 1));

    public static final CommandTable TABLE = CommandTable.of(RedisQueueUses.appliedTo(RedisKeyUses.appliedTo(Stream.of(
                    strings(),
                    bitmaps(),
                    keyspace(),
                    objects(),
                    sorting(),
                    hashes(),
                    newerHashes(),
                    lists(),
                    sets(),
                    sortedSets(),
                    streamGroup(),
                    geo(),
                    hyperLogLogs(),
                    scripts(),
                    RedisControlCommands.rows())
            .flatMap(List::stream)
            .toList())));

    /** The same commands as rules for users name them. */
    public static final CommandGroups GROUPS = new CommandGroups(TABLE);

    private RedisCommands() {}

    /** Everybody may do everything, if he knows the password; null for none. */
    public static AccessRules accessBy(@Nullable String password) {
        return password == null ? AccessRules.open(GROUPS) : AccessRules.ofPassword(password, GROUPS);
    }

    private static List<CommandRow> strings() {
        return group(
                "string",
                write("append", 3, KEY, "denyoom fast"),
                write("decr", 2, KEY, "denyoom fast"),
                write("decrby", 3, KEY, "denyoom fast"),
                read("get", 2, KEY, "fast"),
                write("getdel", 2, KEY, "fast"),
                write("getex", -2, KEY, "fast"),
                read("getrange", 4, KEY, ""),
                write("getset", 3, KEY, "denyoom fast"),
                write("incr", 2, KEY, "denyoom fast"),
                write("incrby", 3, KEY, "denyoom fast"),
                write("incrbyfloat", 3, KEY, "denyoom fast"),
                read("lcs", -3, FIRST_TWO, ""),
                read("mget", -2, ALL, "fast").merged(MergeRule.IN_KEY_ORDER),
                write("mset", -3, KEYS_AND_VALUES, "denyoom").merged(MergeRule.ALL_OK),
                write("msetnx", -3, KEYS_AND_VALUES, "denyoom"),
                write("psetex", 4, KEY, "denyoom"),
                write("set", -3, KEY, "denyoom"),
                write("setex", 4, KEY, "denyoom"),
                write("setnx", 3, KEY, "denyoom fast"),
                write("setrange", 4, KEY, "denyoom"),
                read("strlen", 2, KEY, "fast"),
                read("substr", 4, KEY, ""));
    }

    private static List<CommandRow> bitmaps() {
        return group(
                "bitmap",
                read("bitcount", -2, KEY, ""),
                write("bitfield", -2, KEY, "denyoom"),
                read("bitfield_ro", -2, KEY, "fast"),
                write("bitop", -4, ALL_BUT_FIRST, "denyoom"),
                read("bitpos", -3, KEY, ""),
                read("getbit", 3, KEY, "fast"),
                write("setbit", 4, KEY, "denyoom"));
    }

    private static List<CommandRow> keyspace() {
        return group(
                "keyspace",
                write("copy", -3, FIRST_TWO, "denyoom"),
                write("del", -2, ALL, "").merged(MergeRule.SUM),
                read("dump", 2, KEY, ""),
                read("exists", -2, ALL, "fast").merged(MergeRule.SUM),
                write("expire", -3, KEY, "fast"),
                write("expireat", -3, KEY, "fast"),
                read("expiretime", 2, KEY, "fast"),
                write("persist", 2, KEY, "fast"),
                write("pexpire", -3, KEY, "fast"),
                write("pexpireat", -3, KEY, "fast"),
                read("pexpiretime", 2, KEY, "fast"),
                read("pttl", 2, KEY, "fast"),
                write("rename", 3, FIRST_TWO, ""),
                write("renamenx", 3, FIRST_TWO, "fast"),
                write("restore", -4, KEY, "denyoom @dangerous"),
                read("touch", -2, ALL, "fast").merged(MergeRule.SUM),
                read("ttl", 2, KEY, "fast"),
                read("type", 2, KEY, "fast"),
                write("unlink", -2, ALL, "fast").merged(MergeRule.SUM));
    }

    private static List<CommandRow> sorting() {
        return group(
                "dangerous",
                write("sort", -2, SORT, "denyoom @set @sortedset @list"),
                read("sort_ro", -2, KEY, "movablekeys @set @sortedset @list"));
    }

    private static List<CommandRow> objects() {
        return group(
                "keyspace",
                read("object|encoding", 3, key(2), ""),
                read("object|freq", 3, key(2), ""),
                control("object|help", 2, "loading stale").refused(HELP),
                read("object|idletime", 3, key(2), ""),
                read("object|refcount", 3, key(2), ""));
    }

    private static List<CommandRow> hashes() {
        return group(
                "hash",
                write("hdel", -3, KEY, "fast"),
                read("hexists", 3, KEY, "fast"),
                read("hget", 3, KEY, "fast"),
                read("hgetall", 2, KEY, ""),
                write("hincrby", 4, KEY, "denyoom fast"),
                write("hincrbyfloat", 4, KEY, "denyoom fast"),
                read("hkeys", 2, KEY, ""),
                read("hlen", 2, KEY, "fast"),
                read("hmget", -3, KEY, "fast"),
                write("hmset", -4, KEY, "denyoom fast"),
                read("hrandfield", -2, KEY, ""),
                read("hscan", -3, KEY, ""),
                write("hset", -4, KEY, "denyoom fast"),
                write("hsetnx", 4, KEY, "denyoom fast"),
                read("hstrlen", 3, KEY, "fast"),
                read("hvals", 2, KEY, ""));
    }

    /** Newer than Redis 7.0: an older server says itself that it does not know them. */
    private static List<CommandRow> newerHashes() {
        return group(
                "hash",
                read("httl", -5, KEY, "fast"),
                read("hpttl", -5, KEY, "fast"),
                read("hexpiretime", -5, KEY, "fast"),
                read("hpexpiretime", -5, KEY, "fast"),
                write("hexpire", -6, KEY, "denyoom fast"),
                write("hpexpire", -6, KEY, "denyoom fast"),
                write("hexpireat", -6, KEY, "denyoom fast"),
                write("hpexpireat", -6, KEY, "denyoom fast"),
                write("hpersist", -5, KEY, "fast"),
                write("hgetdel", -5, KEY, "fast"),
                write("hgetex", -5, KEY, "fast"),
                write("hsetex", -6, KEY, "denyoom fast"));
    }

    private static List<CommandRow> lists() {
        return group(
                "list",
                write("blmove", 6, FIRST_TWO, "denyoom noscript blocking").session(SessionStep.WAIT),
                write("blmpop", -5, counted(2), "blocking").session(SessionStep.WAIT),
                write("blpop", -3, ALL_BUT_LAST, "noscript blocking").session(SessionStep.WAIT),
                write("brpop", -3, ALL_BUT_LAST, "noscript blocking").session(SessionStep.WAIT),
                write("brpoplpush", 4, FIRST_TWO, "denyoom noscript blocking").session(SessionStep.WAIT),
                read("lindex", 3, KEY, ""),
                write("linsert", 5, KEY, "denyoom"),
                read("llen", 2, KEY, "fast"),
                write("lmove", 5, FIRST_TWO, "denyoom"),
                write("lmpop", -4, counted(1), ""),
                write("lpop", -2, KEY, "fast"),
                read("lpos", -3, KEY, ""),
                write("lpush", -3, KEY, "denyoom fast"),
                write("lpushx", -3, KEY, "denyoom fast"),
                read("lrange", 4, KEY, ""),
                write("lrem", 4, KEY, ""),
                write("lset", 4, KEY, "denyoom"),
                write("ltrim", 4, KEY, ""),
                write("rpop", -2, KEY, "fast"),
                write("rpoplpush", 3, FIRST_TWO, "denyoom"),
                write("rpush", -3, KEY, "denyoom fast"),
                write("rpushx", -3, KEY, "denyoom fast"));
    }

    private static List<CommandRow> sets() {
        return group(
                "set",
                write("sadd", -3, KEY, "denyoom fast"),
                read("scard", 2, KEY, "fast"),
                read("sdiff", -2, ALL, ""),
                write("sdiffstore", -3, ALL, "denyoom"),
                read("sinter", -2, ALL, ""),
                read("sintercard", -3, counted(1), ""),
                write("sinterstore", -3, ALL, "denyoom"),
                read("sismember", 3, KEY, "fast"),
                read("smembers", 2, KEY, ""),
                read("smismember", -3, KEY, "fast"),
                write("smove", 4, FIRST_TWO, "fast"),
                write("spop", -2, KEY, "fast"),
                read("srandmember", -2, KEY, ""),
                write("srem", -3, KEY, "fast"),
                read("sscan", -3, KEY, ""),
                read("sunion", -2, ALL, ""),
                write("sunionstore", -3, ALL, "denyoom"));
    }

    private static List<CommandRow> sortedSets() {
        return group(
                "sortedset",
                write("bzmpop", -5, counted(2), "blocking").session(SessionStep.WAIT),
                write("bzpopmax", -3, ALL_BUT_LAST, "noscript blocking fast").session(SessionStep.WAIT),
                write("bzpopmin", -3, ALL_BUT_LAST, "noscript blocking fast").session(SessionStep.WAIT),
                write("zadd", -4, KEY, "denyoom fast"),
                read("zcard", 2, KEY, "fast"),
                read("zcount", 4, KEY, "fast"),
                read("zdiff", -3, counted(1), ""),
                write("zdiffstore", -4, destinationAndCounted(1, 2), "denyoom"),
                write("zincrby", 4, KEY, "denyoom fast"),
                read("zinter", -3, counted(1), ""),
                read("zintercard", -3, counted(1), ""),
                write("zinterstore", -4, destinationAndCounted(1, 2), "denyoom"),
                read("zlexcount", 4, KEY, "fast"),
                write("zmpop", -4, counted(1), ""),
                read("zmscore", -3, KEY, "fast"),
                write("zpopmax", -2, KEY, "fast"),
                write("zpopmin", -2, KEY, "fast"),
                read("zrandmember", -2, KEY, ""),
                read("zrange", -4, KEY, ""),
                read("zrangebylex", -4, KEY, ""),
                read("zrangebyscore", -4, KEY, ""),
                write("zrangestore", -5, FIRST_TWO, "denyoom"),
                read("zrank", 3, KEY, "fast"),
                write("zrem", -3, KEY, "fast"),
                write("zremrangebylex", 4, KEY, ""),
                write("zremrangebyrank", 4, KEY, ""),
                write("zremrangebyscore", 4, KEY, ""),
                read("zrevrange", -4, KEY, ""),
                read("zrevrangebylex", -4, KEY, ""),
                read("zrevrangebyscore", -4, KEY, ""),
                read("zrevrank", 3, KEY, "fast"),
                read("zscan", -3, KEY, ""),
                read("zscore", 3, KEY, "fast"),
                read("zunion", -3, counted(1), ""),
                write("zunionstore", -4, destinationAndCounted(1, 2), "denyoom"));
    }

    private static List<CommandRow> streamGroup() {
        return group(
                "stream",
                write("xack", -4, KEY, "fast"),
                write("xadd", -5, KEY, "denyoom fast"),
                write("xautoclaim", -6, KEY, "fast"),
                write("xclaim", -6, KEY, "fast"),
                write("xdel", -3, KEY, "fast"),
                write("xgroup|create", -5, key(2), "denyoom"),
                write("xgroup|createconsumer", 5, key(2), "denyoom"),
                write("xgroup|delconsumer", 5, key(2), ""),
                write("xgroup|destroy", 4, key(2), ""),
                control("xgroup|help", 2, "loading stale").refused(HELP),
                write("xgroup|setid", -5, key(2), ""),
                read("xinfo|consumers", 4, key(2), ""),
                read("xinfo|groups", 3, key(2), ""),
                control("xinfo|help", 2, "loading stale").refused(HELP),
                read("xinfo|stream", -3, key(2), ""),
                read("xlen", 2, KEY, "fast"),
                read("xpending", -3, KEY, ""),
                read("xrange", -4, KEY, ""),
                read("xread", -4, streams(), "blocking").session(SessionStep.WAIT),
                write("xreadgroup", -7, streams(), "blocking").session(SessionStep.WAIT),
                read("xrevrange", -4, KEY, ""),
                write("xsetid", -3, KEY, "denyoom fast"),
                write("xtrim", -4, KEY, ""));
    }

    private static List<CommandRow> geo() {
        return group(
                "geo",
                write("geoadd", -5, KEY, "denyoom"),
                read("geodist", -4, KEY, ""),
                read("geohash", -2, KEY, ""),
                read("geopos", -2, KEY, ""),
                write("georadius", -6, geoRadius(6), "denyoom"),
                read("georadius_ro", -6, KEY, ""),
                write("georadiusbymember", -5, geoRadius(5), "denyoom"),
                read("georadiusbymember_ro", -5, KEY, ""),
                read("geosearch", -7, KEY, ""),
                write("geosearchstore", -8, FIRST_TWO, "denyoom"));
    }

    private static List<CommandRow> hyperLogLogs() {
        return group(
                "hyperloglog",
                write("pfadd", -2, KEY, "denyoom fast"),
                read("pfcount", -2, ALL, ""),
                write("pfdebug", 3, key(2), "denyoom admin").refused(DEBUGGING),
                write("pfmerge", -2, ALL, "denyoom"),
                admin("pfselftest", 1, "").refused(DEBUGGING));
    }

    /** Forwarded if their keys say to which server. */
    private static List<CommandRow> scripts() {
        return group(
                "scripting",
                mayWrite("eval", -3, counted(2), "noscript stale skip_monitor no_mandatory_keys")
                        .session(SessionStep.SCRIPT),
                read("eval_ro", -3, counted(2), "noscript stale skip_monitor no_mandatory_keys")
                        .session(SessionStep.SCRIPT),
                mayWrite("evalsha", -3, counted(2), "noscript stale skip_monitor no_mandatory_keys")
                        .session(SessionStep.SCRIPT_BY_DIGEST),
                read("evalsha_ro", -3, counted(2), "noscript stale skip_monitor no_mandatory_keys")
                        .session(SessionStep.SCRIPT_BY_DIGEST),
                mayWrite("fcall", -3, counted(2), "noscript stale skip_monitor no_mandatory_keys"),
                read("fcall_ro", -3, counted(2), "noscript stale skip_monitor no_mandatory_keys"));
    }

    private static KeyLocator geoRadius(int firstOption) {
        return keyWithOptions(
                firstOption, KeyOption.key("store"), KeyOption.key("storedist"), KeyOption.other("count", 1));
    }
}
