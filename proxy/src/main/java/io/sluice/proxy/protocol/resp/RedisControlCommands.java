package io.sluice.proxy.protocol.resp;

import static io.sluice.proxy.command.CommandRow.admin;
import static io.sluice.proxy.command.CommandRow.allRefused;
import static io.sluice.proxy.command.CommandRow.container;
import static io.sluice.proxy.command.CommandRow.control;
import static io.sluice.proxy.command.CommandRow.group;
import static io.sluice.proxy.command.CommandRow.mayWrite;
import static io.sluice.proxy.command.CommandRow.read;
import static io.sluice.proxy.command.CommandRow.write;
import static io.sluice.proxy.command.KeyLocator.key;
import static io.sluice.proxy.command.KeyLocator.none;
import static io.sluice.proxy.command.KeyLocator.range;
import static io.sluice.proxy.protocol.resp.RefusalReason.ACCESS_LISTS;
import static io.sluice.proxy.protocol.resp.RefusalReason.ACCESS_LOG;
import static io.sluice.proxy.protocol.resp.RefusalReason.ALL_SERVERS;
import static io.sluice.proxy.protocol.resp.RefusalReason.CONNECTION_STATE;
import static io.sluice.proxy.protocol.resp.RefusalReason.DEBUGGING;
import static io.sluice.proxy.protocol.resp.RefusalReason.HELP;
import static io.sluice.proxy.protocol.resp.RefusalReason.LIBRARIES;
import static io.sluice.proxy.protocol.resp.RefusalReason.NOT_A_CLUSTER;
import static io.sluice.proxy.protocol.resp.RefusalReason.NO_KEY;
import static io.sluice.proxy.protocol.resp.RefusalReason.ONE_CONNECTION;
import static io.sluice.proxy.protocol.resp.RefusalReason.ONE_DATABASE;
import static io.sluice.proxy.protocol.resp.RefusalReason.ONE_SERVER;
import static io.sluice.proxy.protocol.resp.RefusalReason.REPLICATION;
import static io.sluice.proxy.protocol.resp.RefusalReason.SERVER_TO_SERVER;
import static io.sluice.proxy.protocol.resp.RefusalReason.STREAM;
import static io.sluice.proxy.protocol.resp.RefusalReason.SUBSCRIPTION;

import io.sluice.proxy.command.CommandRow;
import io.sluice.proxy.command.KeyLocator;
import io.sluice.proxy.command.SessionStep;
import java.util.List;
import java.util.stream.Stream;

/**
 * The second half of the table {@link RedisCommands#TABLE}: commands about connections, servers and the whole
 * keyspace. A few the proxy answers itself; most it refuses, each with its reason.
 */
final class RedisControlCommands {
    private static final KeyLocator KEY = key(1);
    private static final KeyLocator ALL = range(1, -1, 1);

    private RedisControlCommands() {}

    static List<CommandRow> rows() {
        return Stream.of(
                        connection(),
                        client(),
                        command(),
                        transactions(),
                        pubSub(),
                        pubSubQuestions(),
                        scriptLibraries(),
                        scripts(),
                        wholeKeyspace(),
                        cluster(),
                        acl(),
                        memory(),
                        oneServer(),
                        replication(),
                        others(),
                        containers())
                .flatMap(List::stream)
                .toList();
    }

    private static List<CommandRow> connection() {
        return group(
                "connection",
                control("asking", 1, "fast").refused(NOT_A_CLUSTER),
                control("auth", -2, "noscript loading stale fast no_auth allow_busy")
                        .local(),
                control("echo", 2, "loading stale fast").local(SessionStep.ON_ANY_SERVER),
                control("hello", -1, "noscript loading stale fast no_auth allow_busy")
                        .local(),
                control("ping", -1, "fast").local(SessionStep.ON_ANY_SERVER),
                control("quit", -1, "noscript loading stale fast no_auth allow_busy")
                        .local(SessionStep.AT_ONCE),
                control("readonly", 1, "loading stale fast").refused(NOT_A_CLUSTER),
                control("readwrite", 1, "loading stale fast").refused(NOT_A_CLUSTER),
                control("reset", 1, "noscript loading stale fast no_auth allow_busy")
                        .refused(CONNECTION_STATE),
                control("select", 2, "loading stale fast").local(),
                control("wait", 3, "noscript").refused(ONE_CONNECTION),
                control("waitaof", 4, "noscript blocking").refused(ONE_CONNECTION));
    }

    /** What clients send when they connect is answered; the rest would act on connections the client does not own. */
    private static List<CommandRow> client() {
        return group(
                "connection",
                control("client|caching", 3, "noscript loading stale").refused(CONNECTION_STATE),
                control("client|getname", 2, "noscript loading stale").local(),
                control("client|getredir", 2, "noscript loading stale").refused(CONNECTION_STATE),
                control("client|help", 2, "loading stale").refused(CONNECTION_STATE),
                control("client|id", 2, "noscript loading stale").local(),
                control("client|info", 2, "noscript loading stale").refused(CONNECTION_STATE),
                admin("client|kill", -3, "noscript loading stale").refused(CONNECTION_STATE),
                admin("client|list", -2, "noscript loading stale").refused(CONNECTION_STATE),
                admin("client|no-evict", 3, "noscript loading stale").refused(CONNECTION_STATE),
                admin("client|pause", -3, "noscript loading stale").refused(CONNECTION_STATE),
                control("client|reply", 3, "noscript loading stale").refused(CONNECTION_STATE),
                control("client|setname", 3, "noscript loading stale").local(),
                control("client|tracking", -3, "noscript loading stale").refused(CONNECTION_STATE),
                control("client|trackinginfo", 2, "noscript loading stale").refused(CONNECTION_STATE),
                admin("client|unblock", -3, "noscript loading stale").refused(CONNECTION_STATE),
                admin("client|unpause", 2, "noscript loading stale").refused(CONNECTION_STATE),
                control("client|setinfo", 4, "noscript loading stale").local(),
                control("client|no-touch", 3, "noscript loading stale").refused(CONNECTION_STATE));
    }

    private static List<CommandRow> command() {
        return group(
                "connection",
                control("command", -1, "loading stale").local(),
                control("command|count", 2, "loading stale").local(),
                control("command|docs", -2, "loading stale").local(),
                control("command|getkeys", -4, "loading stale").local(),
                control("command|getkeysandflags", -4, "loading stale").refused(HELP),
                control("command|help", 2, "loading stale").refused(HELP),
                control("command|info", -2, "loading stale").local(),
                control("command|list", -2, "loading stale").local());
    }

    private static List<CommandRow> transactions() {
        return group(
                "transaction",
                control("discard", 1, "noscript loading stale fast allow_busy").session(SessionStep.DISCARD),
                control("exec", 1, "noscript loading stale skip_slowlog").session(SessionStep.COMMIT),
                control("multi", 1, "noscript loading stale fast allow_busy").session(SessionStep.BEGIN),
                control("unwatch", 1, "noscript loading stale fast allow_busy").session(SessionStep.UNWATCH),
                control("watch", -2, ALL, "noscript loading stale fast allow_busy")
                        .session(SessionStep.WATCH));
    }

    private static List<CommandRow> pubSub() {
        return group(
                "pubsub",
                control("psubscribe", -2, "pubsub noscript loading stale").session(SessionStep.SUBSCRIBE),
                mayWrite("publish", 3, none(), "pubsub loading stale fast").session(SessionStep.PUBLISH),
                control("punsubscribe", -1, "pubsub noscript loading stale").session(SessionStep.UNSUBSCRIBE),
                mayWrite("spublish", 3, KEY, "pubsub loading stale fast").session(SessionStep.PUBLISH),
                control("ssubscribe", -2, ALL, "pubsub noscript loading stale").session(SessionStep.SUBSCRIBE),
                control("subscribe", -2, "pubsub noscript loading stale").session(SessionStep.SUBSCRIBE),
                control("sunsubscribe", -1, ALL, "pubsub noscript loading stale")
                        .session(SessionStep.UNSUBSCRIBE),
                control("unsubscribe", -1, "pubsub noscript loading stale").session(SessionStep.UNSUBSCRIBE));
    }

    private static List<CommandRow> pubSubQuestions() {
        return allRefused(
                SUBSCRIPTION,
                List.of(
                        control("pubsub|help", 2, "loading stale"),
                        control("pubsub|channels", -2, "pubsub loading stale"),
                        control("pubsub|numpat", 2, "pubsub loading stale"),
                        control("pubsub|numsub", -2, "pubsub loading stale"),
                        control("pubsub|shardchannels", -2, "pubsub loading stale"),
                        control("pubsub|shardnumsub", -2, "pubsub loading stale")));
    }

    private static List<CommandRow> scriptLibraries() {
        return allRefused(
                LIBRARIES,
                group(
                        "scripting",
                        write("function|delete", 3, none(), "noscript"),
                        control("function|dump", 2, "noscript"),
                        write("function|flush", -2, none(), "noscript"),
                        control("function|help", 2, "loading stale"),
                        control("function|kill", 2, "noscript allow_busy"),
                        control("function|list", -2, "noscript"),
                        write("function|load", -3, none(), "denyoom noscript"),
                        write("function|restore", -3, none(), "denyoom noscript"),
                        control("function|stats", 2, "noscript allow_busy"),
                        control("script|debug", 3, "noscript"),
                        control("script|help", 2, "loading stale"),
                        control("script|kill", 2, "noscript allow_busy")));
    }

    /** The proxy remembers scripts, so that a server that does not know one gets it with the request. */
    private static List<CommandRow> scripts() {
        return group(
                "scripting",
                control("script|exists", -3, "noscript").local(),
                control("script|flush", -2, "noscript").session(SessionStep.FORGET_SCRIPTS),
                control("script|load", 3, "noscript stale").session(SessionStep.LOAD_SCRIPT));
    }

    private static List<CommandRow> wholeKeyspace() {
        return group(
                "keyspace",
                read("dbsize", 1, none(), "fast").refused(ALL_SERVERS),
                write("flushall", -1, none(), "@dangerous").refused(ALL_SERVERS),
                write("flushdb", -1, none(), "@dangerous").refused(ALL_SERVERS),
                read("keys", 2, none(), "@dangerous").refused(ALL_SERVERS),
                write("migrate", -6, key(3), "movablekeys @dangerous").refused(SERVER_TO_SERVER),
                write("move", 3, KEY, "fast").refused(ONE_DATABASE),
                read("randomkey", 1, none(), "").refused(ALL_SERVERS),
                write("restore-asking", -4, KEY, "denyoom asking @dangerous").refused(SERVER_TO_SERVER),
                read("scan", -2, none(), "").refused(ALL_SERVERS),
                write("swapdb", 3, none(), "fast @dangerous").refused(ONE_DATABASE));
    }

    private static List<CommandRow> cluster() {
        return allRefused(
                NOT_A_CLUSTER,
                List.of(
                        admin("cluster|addslots", -3, "stale no_async_loading"),
                        admin("cluster|addslotsrange", -4, "stale no_async_loading"),
                        admin("cluster|bumpepoch", 2, "stale no_async_loading"),
                        admin("cluster|count-failure-reports", 3, "stale"),
                        control("cluster|countkeysinslot", 3, "stale"),
                        admin("cluster|delslots", -3, "stale no_async_loading"),
                        admin("cluster|delslotsrange", -4, "stale no_async_loading"),
                        admin("cluster|failover", -2, "stale no_async_loading"),
                        admin("cluster|flushslots", 2, "stale no_async_loading"),
                        admin("cluster|forget", 3, "stale no_async_loading"),
                        control("cluster|getkeysinslot", 4, "stale"),
                        control("cluster|help", 2, "loading stale"),
                        control("cluster|info", 2, "stale"),
                        control("cluster|keyslot", 3, "stale"),
                        control("cluster|links", 2, "stale"),
                        admin("cluster|meet", -4, "stale no_async_loading"),
                        control("cluster|myid", 2, "stale"),
                        control("cluster|nodes", 2, "stale"),
                        admin("cluster|replicas", 3, "stale"),
                        admin("cluster|replicate", 3, "stale no_async_loading"),
                        admin("cluster|reset", -2, "noscript stale"),
                        admin("cluster|saveconfig", 2, "stale no_async_loading"),
                        admin("cluster|set-config-epoch", 3, "stale no_async_loading"),
                        admin("cluster|setslot", -4, "stale no_async_loading"),
                        control("cluster|shards", 2, "stale"),
                        admin("cluster|slaves", 3, "stale"),
                        control("cluster|slots", 2, "stale")));
    }

    private static List<CommandRow> acl() {
        return List.of(
                control("acl|cat", -2, "noscript loading stale").local(),
                admin("acl|deluser", -3, "noscript loading stale").refused(ACCESS_LISTS),
                admin("acl|dryrun", -4, "noscript loading stale").local(),
                control("acl|genpass", -2, "noscript loading stale").refused(ACCESS_LISTS),
                admin("acl|getuser", 3, "noscript loading stale").local(),
                control("acl|help", 2, "loading stale").refused(HELP),
                admin("acl|list", 2, "noscript loading stale").local(),
                admin("acl|load", 2, "noscript loading stale").refused(ACCESS_LISTS),
                admin("acl|log", -2, "noscript loading stale").refused(ACCESS_LOG),
                admin("acl|save", 2, "noscript loading stale").refused(ACCESS_LISTS),
                admin("acl|setuser", -3, "noscript loading stale").refused(ACCESS_LISTS),
                admin("acl|users", 2, "noscript loading stale").local(),
                control("acl|whoami", 2, "noscript loading stale").local());
    }

    private static List<CommandRow> memory() {
        return List.of(
                control("memory|doctor", 2, "").refused(ONE_SERVER),
                control("memory|help", 2, "loading stale").refused(ONE_SERVER),
                control("memory|malloc-stats", 2, "").refused(ONE_SERVER),
                control("memory|purge", 2, "").refused(ONE_SERVER),
                control("memory|stats", 2, "").refused(ONE_SERVER),
                read("memory|usage", -3, key(2), ""));
    }

    private static List<CommandRow> oneServer() {
        return allRefused(
                ONE_SERVER,
                List.of(
                        admin("bgrewriteaof", 1, "noscript no_async_loading"),
                        admin("bgsave", -1, "noscript no_async_loading"),
                        admin("config|get", -3, "noscript loading stale"),
                        control("config|help", 2, "loading stale"),
                        admin("config|resetstat", 2, "noscript loading stale"),
                        admin("config|rewrite", 2, "noscript loading stale"),
                        admin("config|set", -4, "noscript loading stale"),
                        control("lastsave", 1, "loading stale fast @admin @dangerous"),
                        admin("latency|doctor", 2, "noscript loading stale"),
                        admin("latency|graph", 3, "noscript loading stale"),
                        control("latency|help", 2, "loading stale"),
                        admin("latency|histogram", -2, "noscript loading stale"),
                        admin("latency|history", 3, "noscript loading stale"),
                        admin("latency|latest", 2, "noscript loading stale"),
                        admin("latency|reset", -2, "noscript loading stale"),
                        control("module|help", 2, "loading stale"),
                        admin("module|list", 2, "noscript"),
                        admin("module|load", -3, "noscript no_async_loading"),
                        admin("module|loadex", -3, "noscript no_async_loading"),
                        admin("module|unload", 3, "noscript no_async_loading"),
                        admin("save", 1, "noscript no_async_loading no_multi"),
                        admin("shutdown", -1, "noscript loading stale no_multi allow_busy"),
                        admin("slowlog|get", -2, "loading stale"),
                        control("slowlog|help", 2, "loading stale"),
                        admin("slowlog|len", 2, "loading stale"),
                        admin("slowlog|reset", 2, "loading stale")));
    }

    private static List<CommandRow> replication() {
        return allRefused(
                REPLICATION,
                List.of(
                        admin("failover", -1, "noscript stale"),
                        admin("psync", -3, "noscript no_async_loading no_multi"),
                        admin("replconf", -1, "noscript loading stale allow_busy"),
                        admin("replicaof", 3, "noscript stale no_async_loading"),
                        control("role", 1, "noscript loading stale fast @admin @dangerous"),
                        admin("slaveof", 3, "noscript stale no_async_loading"),
                        admin("sync", 1, "noscript no_async_loading no_multi")));
    }

    private static List<CommandRow> others() {
        return List.of(
                admin("debug", -2, "noscript loading stale").refused(DEBUGGING),
                control("info", -1, "loading stale @dangerous").refused(ONE_SERVER),
                read("lolwut", -1, none(), "fast").refused(NO_KEY),
                admin("monitor", 1, "noscript loading stale").refused(STREAM),
                control("time", 1, "loading stale fast").local(SessionStep.ON_ANY_SERVER));
    }

    /** Commands that are nothing without a subcommand. */
    private static List<CommandRow> containers() {
        return List.of(
                container("acl"),
                container("client"),
                container("cluster"),
                container("config"),
                container("function"),
                container("latency"),
                container("memory"),
                container("module"),
                container("object"),
                container("pubsub"),
                container("script"),
                container("slowlog"),
                container("xgroup"),
                container("xinfo"));
    }
}
