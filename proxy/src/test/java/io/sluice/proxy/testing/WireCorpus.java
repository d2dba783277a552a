package io.sluice.proxy.testing;

import static io.sluice.proxy.testing.RespFrames.bulk;
import static io.sluice.proxy.testing.RespFrames.request;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Valid input of one protocol, to be cut and damaged; text with one char for each byte.
 *
 * @param requests each is exactly one request
 * @param replies each is exactly one reply
 * @param tokens what has a meaning in the protocol
 * @param nesting what makes it deeper, wherever it can be put
 * @param announcements beginnings that promise as much as they can
 */
public record WireCorpus(
        String name,
        List<String> requests,
        List<String> replies,
        List<String> tokens,
        String nesting,
        List<String> announcements) {

    private static final String ALL_BYTES =
            IntStream.range(0, 256).mapToObj(i -> String.valueOf((char) i)).collect(Collectors.joining());

    public WireCorpus {
        requests = List.copyOf(requests);
        replies = List.copyOf(replies);
        tokens = List.copyOf(tokens);
        announcements = List.copyOf(announcements);
    }

    /** Some of {@code frames} one behind the other. */
    public static String pipeline(List<String> frames, int most, SplittableRandom random) {
        return random.ints(random.nextInt(1, most + 1), 0, frames.size())
                .mapToObj(frames::get)
                .collect(Collectors.joining());
    }

    public static WireCorpus resp() {
        return new WireCorpus("resp", respRequests(), respReplies(), respTokens(), "*1\r\n", respAnnouncements());
    }

    /** Harmless to a server even when damaged: nothing blocks, nothing grows by a number, nothing runs for long. */
    private static List<String> respRequests() {
        return List.of(
                request("PING"),
                request("GET", "fuzz"),
                request("SET", "fuzz", "\r\n$3\r\nGET\r\n*1\r\n"),
                request("SET", "fuzz2", ALL_BYTES),
                request("SET", "", ""),
                request("MGET", "fuzz", "fuzz2", "", "fuzz3"),
                request("MSET", "fuzz", "1", "fuzz2", "2", "fuzz3", "\0"),
                request("DEL", "fuzz", "fuzz2", "fuzz3"),
                request("EXISTS", "fuzz", "fuzz2", "fuzz3", "fuzz"),
                request("LPUSH", "list", "a", "b"),
                request("LRANGE", "list", "0", "9"),
                request("DEL", "list"),
                request("EVAL", "return{KEYS[1],ARGV[1]}", "1", "fuzz", "x"),
                request("XREAD", "COUNT", "2", "STREAMS", "s", "0"),
                request("ZUNION", "2", "z", "z", "WITHSCORES"),
                request("COMMAND", "COUNT"),
                request("CLIENT", "SETNAME", "fuzz"),
                request("HELLO", "3"),
                request("NOSUCH", "x"),
                request("get"),
                request("ECHO", "x".repeat(700)),
                "PING\r\n",
                "set fuzz \"a\\x00 b\"\r\n",
                "get 'fuz\\'z'\n",
                "\0\r\n\r\n*0\r\n*-1\r\n" + request("TYPE", "fuzz"));
    }

    private static List<String> respReplies() {
        return List.of(
                "+OK\r\n",
                "+\r\n",
                "-ERR no\r\n",
                "-LOADING wait\r\n",
                ":0\r\n",
                ":-9223372036854775808\r\n",
                "$-1\r\n",
                bulk(""),
                bulk("\r\n$3\r\n*1\r\n+\r\n"),
                bulk(ALL_BYTES),
                "*-1\r\n",
                "*0\r\n",
                "*2\r\n*2\r\n:1\r\n*1\r\n$0\r\n\r\n*2\r\n-ERR x\r\n*-1\r\n",
                "*3\r\n" + bulk("a") + "$-1\r\n" + bulk("c".repeat(300)),
                "*1\r\n".repeat(50) + ":1\r\n",
                "*40\r\n" + ":7\r\n".repeat(40));
    }

    private static List<String> respTokens() {
        return List.of(
                "*",
                "$",
                "+",
                "-",
                ":",
                "\r",
                "\n",
                "\r\n",
                "0",
                "1",
                "9",
                "*1\r\n",
                "*2\r\n",
                "*0\r\n",
                "$0\r\n\r\n",
                "$-1\r\n",
                ":1\r\n",
                "+OK\r\n",
                "$1\r\nx\r\n",
                "$3\r\nGET\r\n",
                "PING\r\n",
                "\"",
                "'",
                "\\x",
                " ",
                "\0",
                ">1\r\n",
                "%1\r\n",
                "~1\r\n",
                "|1\r\n",
                "_\r\n",
                "#t\r\n",
                ",1.5\r\n",
                "(12\r\n",
                "=5\r\ntxt:a\r\n");
    }

    private static List<String> respAnnouncements() {
        return List.of(
                "*1048576\r\n",
                "*1048576\r\n$3\r\nGET\r\n",
                "*2147483647\r\n",
                "*2\r\n$3\r\nGET\r\n$67000000\r\n",
                "$67108863\r\n",
                "$4294967296\r\n",
                "$4294967297\r\n",
                "*2147483647\r\n*2147483647\r\n",
                "*2147483647\r\n".repeat(10),
                "*1\r\n".repeat(20_000),
                "*999999999999999999\r\n",
                "$999999999999999999\r\n");
    }

    // ---- memcached

    public static WireCorpus memcache() {
        return new WireCorpus(
                "memcache",
                memcacheRequests(),
                memcacheReplies(),
                memcacheTokens(),
                "VALUE a 0 1\r\nx\r\n",
                memcacheAnnouncements());
    }

    private static List<String> memcacheRequests() {
        return List.of(
                "version\r\n",
                "get fuzz\r\n",
                "get fuzz fuzz2 fuzz3\r\n",
                "gets fuzz  fuzz2\n",
                "gat 100 fuzz fuzz2\r\n",
                "set fuzz 0 0 5\r\n\r\nget\r\n",
                "set fuzz2 4294967295 -1 256\r\n" + ALL_BYTES + "\r\n",
                "set fuzz 0 0 0\r\n\r\n",
                "set fuzz 0 0 1 noreply\r\nx\r\n",
                "add fuzz3 0 0 2\r\n12\r\n",
                "replace fuzz 1 0 300\r\n" + "x".repeat(300) + "\r\n",
                "append fuzz 0 0 1\r\ny\r\n",
                "prepend fuzz 0 0 1 noreply\r\nz\r\n",
                "cas fuzz 0 0 1 18446744073709551615\r\nw\r\n",
                "cas fuzz 0 0 1 7 noreply\r\nw\r\n",
                "incr fuzz3 18446744073709551615\r\n",
                "decr fuzz3 1 noreply\r\n",
                "touch fuzz 60\r\n",
                "delete fuzz2\r\n",
                "delete fuzz2 noreply\r\n",
                "flush_all\r\n",
                "stats items\r\n",
                "mg fuzz v\r\n",
                "nosuch x\r\n",
                "get\r\n",
                "\r\n",
                "get " + "k".repeat(251) + "\r\n",
                "set " + "k".repeat(251) + " 0 0 3\r\nabc\r\n");
    }

    private static List<String> memcacheReplies() {
        return List.of(
                "STORED\r\n",
                "NOT_STORED\r\n",
                "EXISTS\r\n",
                "NOT_FOUND\r\n",
                "DELETED\r\n",
                "TOUCHED\r\n",
                "18446744073709551615\r\n",
                "END\r\n",
                "ERROR\r\n",
                "CLIENT_ERROR bad data chunk\r\n",
                "SERVER_ERROR out of memory\r\n",
                "VALUE a 0 0\r\n\r\nEND\r\n",
                "VALUE a 4294967295 5 18446744073709551615\r\nEND\r\n\r\nEND\r\n",
                "VALUE a 0 256\r\n" + ALL_BYTES + "\r\nVALUE b 0 1\r\nx\r\nEND\r\n");
    }

    private static List<String> memcacheTokens() {
        return List.of(
                "get ",
                "gets ",
                "set ",
                "cas ",
                "SET ",
                "noreply",
                " ",
                "  ",
                "\r",
                "\n",
                "\r\n",
                "0",
                "1",
                "-",
                "a",
                "END\r\n",
                "VALUE ",
                "VALUE a 0 1\r\nx\r\n",
                "STORED\r\n",
                "ERROR\r\n",
                "SERVER_ERROR ",
                "\0",
                "\t",
                " HTTP/1.1\r\n",
                "incr a 1\r\n",
                "\u0080",
                "*1\r\n");
    }

    private static List<String> memcacheAnnouncements() {
        return List.of(
                "set k 0 0 67000000\r\n",
                "set k 0 0 2147483645\r\n",
                "set k 0 0 2147483648\r\n",
                "set k 0 0 99999999999999999999\r\n",
                "get " + "k ".repeat(20_000),
                "VALUE k 0 67000000\r\n",
                "VALUE k 0 4294967295\r\n",
                "VALUE k 0 0\r\n\r\n".repeat(20));
    }
}
