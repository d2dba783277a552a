package io.sluice.proxy.testing;

import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/** Makes trouble at one server after the other, and ends it before going on to the next. */
public final class Saboteur implements Crowd.Round {

    /** What can happen to a server at night. */
    public enum Trouble {
        /** SIGKILL, and back after a while. */
        KILLED,
        /** It ends as it is told to, and is started again at once. */
        RESTARTED,
        /** SIGSTOP: its connections stay, and it says nothing. */
        STOPPED,
        /** Again and again it answers nobody for some ten milliseconds. */
        SLOWED
    }

    private static final Duration SHORTEST = Duration.ofMillis(50);
    private static final Duration LONGEST_GONE = Duration.ofSeconds(2);
    /** Above the timeout of requests, below the hard one. */
    public static final Duration LONGEST_STOP = Duration.ofSeconds(3);

    private static final Duration LONGEST_PAUSE = Duration.ofMillis(200);
    private static final int MOST_PAUSES = 10;
    private static final Duration SHORTEST_PEACE = Duration.ofMillis(100);
    private static final Duration LONGEST_PEACE = Duration.ofMillis(2500);

    private final Shards shards;
    private final Troubles troubles;
    private final ChaosTally tally;

    public Saboteur(Shards shards, Troubles troubles, ChaosTally tally) {
        this.shards = shards;
        this.troubles = troubles;
        this.tally = tally;
    }

    @Override
    public void go(SplittableRandom random) throws IOException {
        int server = troubles.begin(random);
        Trouble[] all = Trouble.values();
        Trouble trouble = all[random.nextInt(all.length)];
        make(trouble, shards.server(server), random);
        tally.countTrouble(trouble);
        troubles.end(server);
        rest(random, SHORTEST_PEACE, LONGEST_PEACE);
    }

    private static void make(Trouble trouble, RedisServer server, SplittableRandom random) throws IOException {
        switch (trouble) {
            case KILLED -> {
                server.kill();
                rest(random, SHORTEST, LONGEST_GONE);
                startAgain(server);
            }
            case RESTARTED -> {
                shutDown(server);
                startAgain(server);
            }
            case STOPPED -> {
                server.pause();
                rest(random, SHORTEST, LONGEST_STOP);
                server.resume();
            }
            case SLOWED -> slow(server, random);
        }
    }

    private static void shutDown(RedisServer server) throws IOException {
        try (RespClient client = server.connect()) {
            Object refused = client.call("SHUTDOWN", "NOSAVE");
            throw new AssertionError("The server does not want to end: " + refused);
        } catch (EOFException | SocketException ended) {
            // all that it answers is to close the connection
        }
    }

    /** Lets it sum up what it wrote down, else it had more to read each time. */
    private static void startAgain(RedisServer server) throws IOException {
        server.restart();
        try (RespClient client = server.connect()) {
            client.call("BGREWRITEAOF");
        }
    }

    private static void slow(RedisServer server, SplittableRandom random) throws IOException {
        try (RespClient client = server.connect()) {
            for (int i = random.nextInt(1, MOST_PAUSES + 1); i > 0; i--) {
                long millis = random.nextLong(1, LONGEST_PAUSE.toMillis());
                client.call("CLIENT", "PAUSE", String.valueOf(millis), "ALL");
                client.call("PING"); // waits for the end of the pause, as everybody does
                rest(random, Duration.ZERO, SHORTEST);
            }
        }
    }

    private static void rest(SplittableRandom random, Duration least, Duration most) {
        LockSupport.parkNanos(random.nextLong(least.toNanos(), most.toNanos()));
    }
}
