package io.sluice.proxy;

import io.sluice.testing.TextClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A client that pipelines sets of its own keys, and gets of keys that all clients read. A
 * value carries its key and a number that rises with each set. After its own set a client must see that value and no
 * other; of a key of another client it must never see an older value than it has seen.
 */
final class OverlappingClient {

    private static final int MOST_IN_PIPELINE = 40;
    private static final int LARGE_BYTES = 100_000; // passed on in pieces

    private final String prefix; // of the keys
    private final int number;
    private final int clients;
    private final int keys;
    private final SplittableRandom random;
    private final long[] seen; // highest number of each key, of our own the one that was set last

    OverlappingClient(String prefix, int number, int clients, int keys, SplittableRandom random) {
        this.prefix = prefix;
        this.number = number;
        this.clients = clients;
        this.keys = keys;
        this.random = random;
        this.seen = new long[keys];
    }

    /** What was asked, and for a key of our own the number that its value must have: 0 where there is none. */
    private record Asked(String command, int key, long own) {}

    /** Returns how many values it has seen. */
    int run(int port, int rounds) throws IOException {
        int hits = 0;
        try (TextClient client = new TextClient(port)) {
            for (int round = 0; round < rounds; round++) {
                StringBuilder pipeline = new StringBuilder();
                List<Asked> asked = new ArrayList<>();
                for (int i = random.nextInt(1, MOST_IN_PIPELINE); i > 0; i--) {
                    asked.add(append(pipeline));
                }
                client.send(pipeline.toString());
                for (Asked request : asked) {
                    hits += check(request, client.reply()) ? 1 : 0;
                }
            }
        }
        return hits;
    }

    private boolean isOwn(int key) {
        return key % clients == number;
    }

    private Asked append(StringBuilder pipeline) {
        int key = random.nextInt(keys);
        int kind = random.nextInt(10);
        if (kind < 2) {
            int own = key - key % clients + number;
            long next = ++seen[own];
            String value = valueOf(own, next) + ".".repeat(random.nextInt(40) == 0 ? LARGE_BYTES : random.nextInt(200));
            pipeline.append("set " + name(own) + " 0 0 " + value.length() + "\r\n" + value + "\r\n");
            return new Asked("set", own, next);
        }
        String command = kind == 9 ? "gets" : "get";
        if (kind == 8) {
            key = keys; // which nobody sets
        }
        pipeline.append(command + " " + name(key) + "\r\n");
        return new Asked(command, key, key < keys && isOwn(key) ? seen[key] : 0);
    }

    private String name(int key) {
        return prefix + key;
    }

    private String valueOf(int key, long number) {
        return name(key) + ":" + number + ":";
    }

    private boolean check(Asked asked, String reply) {
        if (asked.command().equals("set")) {
            require(reply.equals("STORED\r\n"), asked, reply);
            return false;
        }
        boolean own = asked.key() < keys && isOwn(asked.key());
        if (reply.equals("END\r\n")) {
            boolean mayMiss = asked.key() == keys || (own ? asked.own() == 0 : seen[asked.key()] == 0);
            require(mayMiss, asked, reply);
            return false;
        }
        String[] lines = reply.split("\r\n", -1);
        String[] header = lines[0].split(" ", -1);
        require(
                lines.length == 4
                        && header[1].equals(name(asked.key()))
                        && header.length == (asked.command().equals("gets") ? 5 : 4)
                        && Integer.parseInt(header[3]) == lines[1].length()
                        && lines[2].equals("END"),
                asked,
                reply);
        long number = Long.parseLong(lines[1].split(":", -1)[1]);
        require(lines[1].startsWith(valueOf(asked.key(), number)), asked, reply);
        if (own) {
            require(number == asked.own(), asked, reply);
        } else {
            require(number >= seen[asked.key()], asked, reply);
            seen[asked.key()] = number;
        }
        return true;
    }

    private void require(boolean right, Asked asked, String reply) {
        if (!right) {
            throw new AssertionError("client " + number + " asked " + asked + ", seen "
                    + (asked.key() < keys ? seen[asked.key()] : 0) + ", got "
                    + reply.substring(0, Math.min(200, reply.length())));
        }
    }
}
