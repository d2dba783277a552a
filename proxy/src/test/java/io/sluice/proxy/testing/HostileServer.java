package io.sluice.proxy.testing;

import io.sluice.proxy.testing.ScriptedServer.Asked;
import io.sluice.proxy.testing.ScriptedServer.Peer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * A server with one fault at a time, in which every key holds {@code value of KEY}. Most requests meet the fault, some are
 * answered well in between.
 */
public final class HostileServer implements AutoCloseable {

    /** What it does wrong. */
    public enum Fault {
        NONE,
        /** Bytes that no reply begins with. */
        GARBAGE,
        /** A part of the reply, then a close. */
        TRUNCATED,
        /** A part of the reply, then a reset. */
        RESET,
        /** A part of the reply, then no more will come. */
        HALF_CLOSED,
        /** A part of the reply, then silence. */
        STUCK,
        /** More bytes or elements announced than anybody may. */
        OVERSIZED,
        /** Half a GiB announced, some of it sent, then a reset. */
        ENDLESS,
        /** After the deadline of the proxy. */
        LATE,
        /** Byte by byte. */
        PIECES,
        /** A reply of another protocol, or of another version of it, in front of the reply. */
        FOREIGN,
        /** A reply that does not fit the command. */
        WRONG_SHAPE,
        /** Two replies. */
        EXTRA,
        /** A damaged reply, which may be none, or two. */
        DAMAGED,
        /** Accepts, and never says anything. */
        SILENT,
        /** Closes as soon as it has accepted. */
        CLOSES_ON_ACCEPT,
        /** Speaks before it is asked, then closes, as a full Redis does. */
        SPEAKS_FIRST;

        /** Whether its replies may go to other requests than they answer: nothing in the protocol would tell. */
        boolean mayBeOutOfStep() {
            return this == EXTRA || this == DAMAGED;
        }

        /** Whether a reply may be cut when its client has been sent a part of it. */
        boolean mayCutLargeReplies() {
            return this == ENDLESS || this == DAMAGED;
        }
    }

    /** How the server speaks, well and badly. */
    public interface Tongue {
        String goodReply(Asked asked);

        List<String> oversized();

        List<String> foreign();

        /** Replies, but not to what was asked. */
        List<String> shapes();

        /** The beginning of a reply of half a GiB. */
        String endless();

        /** What a full server says before it closes. */
        String full();

        WireCorpus corpus();

        /** Begins to listen. */
        ScriptedServer start(ScriptedServer.OnAccept onAccept, ScriptedServer.Script script);
    }

    private static final int LARGE = 200_000;

    private final Tongue tongue;
    private final SplittableRandom seeds;
    private final Duration late;
    private final ScriptedServer server;
    private final ThreadLocal<SplittableRandom> random = ThreadLocal.withInitial(this::newRandom); // one per connection
    private final ThreadLocal<Boolean> stuck = ThreadLocal.withInitial(() -> false);
    private volatile Fault fault = Fault.NONE;
    private volatile Fault until = Fault.NONE; // of which something may still be on its way

    private HostileServer(Tongue tongue, SplittableRandom random, Duration late) {
        this.tongue = tongue;
        this.seeds = random.split();
        this.late = late;
        this.server = tongue.start(this::onAccept, this::onRequest);
    }

    /** A good one, for now. */
    public static HostileServer start(Tongue tongue, SplittableRandom random, Duration late) {
        return new HostileServer(tongue, random, late);
    }

    private SplittableRandom newRandom() {
        synchronized (seeds) {
            return seeds.split();
        }
    }

    public int port() {
        return server.port();
    }

    /** The fault whose effects clients may see now. */
    Fault felt() {
        return until;
    }

    /** Faults of new connections need new connections. */
    public void become(Fault next) {
        until = next;
        fault = next;
        switch (next) {
            case SILENT, CLOSES_ON_ACCEPT, SPEAKS_FIRST -> server.closeConnections();
            case NONE, GARBAGE, TRUNCATED, RESET, HALF_CLOSED, STUCK, OVERSIZED, ENDLESS, LATE -> {}
            case PIECES, FOREIGN, WRONG_SHAPE, EXTRA, DAMAGED -> {}
        }
    }

    /** Answers well from now on. Who is out of step cannot go on with its connections. */
    public void mendItsWays() {
        boolean outOfStep = fault.mayBeOutOfStep();
        fault = Fault.NONE;
        if (outOfStep) {
            server.closeConnections();
        }
    }

    /** Nothing of the last fault is on its way any more. */
    public void settled() {
        until = Fault.NONE;
    }

    private void onAccept(Peer peer) throws IOException {
        if (fault == Fault.CLOSES_ON_ACCEPT) {
            peer.close();
        } else if (fault == Fault.SPEAKS_FIRST) {
            peer.send(tongue.full());
            peer.close();
        }
    }

    private void onRequest(Asked asked) throws IOException {
        if (stuck.get()) {
            return; // who left one reply out must leave out all: else they would be those of other requests
        }
        Fault now = fault;
        if (now == Fault.NONE || (random.get().nextInt(3) == 0 && now != Fault.SILENT)) {
            asked.reply(tongue.goodReply(asked));
        } else {
            misbehave(now, asked);
        }
    }

    private void misbehave(Fault now, Asked asked) throws IOException {
        String good = tongue.goodReply(asked);
        String part = good.substring(0, random.get().nextInt(good.length()));
        switch (now) {
            case GARBAGE -> asked.reply("HTTP/1.1\0\r\n?".substring(random.get().nextInt(9)) + "\0\0");
            case TRUNCATED -> {
                asked.reply(part);
                asked.close();
            }
            case RESET -> {
                asked.reply(part);
                asked.from().reset();
            }
            case HALF_CLOSED -> {
                asked.reply(part);
                asked.from().finishSending();
                stuck.set(true);
            }
            case STUCK -> {
                asked.reply(part);
                stuck.set(true);
            }
            case SILENT -> stuck.set(true);
            case OVERSIZED -> asked.reply(oneOf(tongue.oversized()));
            case ENDLESS -> {
                asked.reply(tongue.endless() + "x".repeat(random.get().nextInt(LARGE)));
                asked.from().reset();
            }
            case LATE -> {
                LockSupport.parkNanos(late.toNanos()); // so do the replies to what was asked behind it
                asked.reply(good);
            }
            case PIECES -> inPieces(good, asked);
            case FOREIGN -> asked.reply(oneOf(tongue.foreign()) + good);
            case WRONG_SHAPE -> asked.reply(oneOf(tongue.shapes()));
            case EXTRA -> asked.reply(good + good);
            case DAMAGED -> asked.reply(damaged(good));
            case NONE, CLOSES_ON_ACCEPT, SPEAKS_FIRST -> asked.reply(good);
        }
    }

    private String damaged(String good) {
        return new Mutations(tongue.corpus(), random.get()).mutated(good, oneOf(tongue.shapes()));
    }

    private static void inPieces(String reply, Asked asked) throws IOException {
        for (int i = 0; i < reply.length(); i++) {
            asked.reply(reply.substring(i, i + 1));
        }
    }

    private String oneOf(List<String> texts) {
        return texts.get(random.get().nextInt(texts.size()));
    }

    @Override
    public void close() {
        server.close();
    }
}
