package io.sluice.manager.migration.engine;

import io.sluice.testing.RespClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Keys of every type and encoding, some that expire, some with bytes that are no text. */
final class SampleData {

    private SampleData() {}

    /** Fills databases 0 and 1. */
    static void fill(RespClient client, Random random, int rounds) throws IOException {
        for (int database = 0; database < 2; database++) {
            client.call("SELECT", String.valueOf(database));
            for (int i = 0; i < rounds; i++) {
                group(client, random, i);
            }
            expiries(client, rounds);
            large(client, "{" + random.nextInt(1000) + "}");
            large(client, "{" + random.nextInt(1000) + "}:other");
        }
        client.call("SELECT", "0");
    }

    private static void group(RespClient client, Random random, int i) throws IOException {
        client.call("SET", "text:" + i, "value " + random.nextInt());
        client.call("SET", "number:" + i, String.valueOf(random.nextInt()));
        client.call("SET", "bytes:\u0000\u00ff\r\n" + i, "\u00fe\u0000\r\n" + random.nextInt());
        client.call("HSET", "hash:{" + i + "}:a", "f", "1", "g", "two");
        client.call("RPUSH", "list:{" + i + "}:a", "one", "2", "three" + random.nextInt());
        client.call("SADD", "set:{" + i + "}", "1", "2", "3");
        client.call("SADD", "words:{" + i + "}", "a", "b", String.valueOf(random.nextInt()));
        client.call("ZADD", "zset:" + i, "1.5", "a", "-inf", "b", String.valueOf(random.nextDouble()), "c");
        client.call("PFADD", "loglog:" + i, "a", "b", "c");
        client.call("SETBIT", "bits:" + i, "1000", "1");
        client.call("GEOADD", "geo:" + i, "13.361389", "38.115556", "Palermo");
        client.call("XADD", "stream:" + i, "1-1", "field", "value");
        client.call("XADD", "stream:" + i, "2-1", "field", "value" + random.nextInt());
        client.call("XGROUP", "CREATE", "stream:" + i, "group", "0");
        client.call("XREADGROUP", "GROUP", "group", "consumer", "COUNT", "1", "STREAMS", "stream:" + i, ">");
    }

    private static void expiries(RespClient client, int rounds) throws IOException {
        for (int i = 0; i < rounds; i++) {
            client.call("SET", "expires:" + i, "x", "PX", String.valueOf(60_000 + i * 977));
            client.call("PEXPIRE", "hash:{" + i + "}:a", String.valueOf(90_000 + i));
        }
    }

    /** Encodings for many and for large elements. */
    private static void large(RespClient client, String tag) throws IOException {
        many(client, "HSET", tag + ":hash", 7_000, true);
        many(client, "SADD", tag + ":set", 7_000, false);
        many(client, "RPUSH", tag + ":list", 30_000, false);
        for (int i = 0; i < 7_000; i++) {
            client.send("ZADD", tag + ":zset", String.valueOf(i / 7.0), "member" + i);
        }
        drain(client, 7_000);
        client.call("ZADD", tag + ":zset", "inf", "most", "-inf", "least", "1e-7", "little", "3.0E300", "much");
        client.call("SET", tag + ":text", randomText(3 << 20));
        client.call("SET", tag + ":dull", "a".repeat(2 << 20));
        client.call("HSET", tag + ":wide", "a", randomText(700_000), "b", randomText(700_000));
        client.call("RPUSH", tag + ":long", randomText(600_000), "short", randomText(600_000));
        client.call("PEXPIRE", tag + ":hash", "100000");
    }

    private static String randomText(int length) {
        Random random = new Random(length);
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append((char) random.nextInt(256));
        }
        return text.toString();
    }

    private static void many(RespClient client, String command, String key, int count, boolean pairs)
            throws IOException {
        for (int from = 0; from < count; from += 1000) {
            List<String> parts = new ArrayList<>(List.of(command, key));
            for (int i = from; i < from + 1000; i++) {
                parts.add("element" + i);
                if (pairs) {
                    parts.add("value" + i);
                }
            }
            client.call(parts.toArray(String[]::new));
        }
    }

    private static void drain(RespClient client, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            client.receive();
        }
    }
}
