package io.sluice.proxy.testing;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client after the other with bad manners: it sends anything, cut anywhere, and leaves in any way. Where it listens
 * to the end it counts: one reply for each request, one error for what is no request, then the end.
 */
public final class FuzzClient implements Crowd.Round {

    /** What these clients must know of the protocol they misuse. */
    public interface Dialect {
        WireCorpus corpus();

        /** What the proxy owes somebody who sends this and then no more. */
        Owed owed(String stream);

        /** The replies in these bytes; throws where they are none. */
        List<String> replies(byte[] received) throws IOException;

        /** Whether a reply may be the proxy's last word to a stream that is no requests. */
        boolean isProtocolError(String reply);

        /** Whether a reply tells of a server that has closed, or did not understand what the proxy sent. */
        boolean isServersFault(String reply);

        /** A request whose reply, and no other, contains this word. */
        String probe(String word);

        /** A request of so many keys, whose reply names each. */
        String manyKeys(int count);
    }

    /**
     * What is owed for a stream.
     *
     * @param replies how many, with the error at the end
     * @param protocolError whether the last one is about the stream
     */
    public record Owed(int replies, boolean protocolError) {}

    /** What all these clients have done. */
    public static final class Tally {
        public final AtomicLong clients = new AtomicLong();
        public final AtomicLong replies = new AtomicLong();
        public final AtomicLong protocolErrors = new AtomicLong();

        @Override
        public String toString() {
            return "clients=" + clients + " replies=" + replies + " protocol_errors=" + protocolErrors;
        }
    }

    private static final Logger log = LoggerFactory.getLogger(FuzzClient.class);

    private static final int LONGEST_PIPELINE = 30;
    private static final int LONGEST_NOISE = 500;
    private static final int MANY_KEYS = 10_000;
    private static final int SLOW_BYTES = 150;
    private static final int SHOWN = 2_000;

    private final int port;
    private final Dialect dialect;
    private final boolean serversAreGood;
    private final Tally tally;

    /** @param serversAreGood whether no server may be the reason why a connection ends */
    public FuzzClient(int port, Dialect dialect, boolean serversAreGood, Tally tally) {
        this.port = port;
        this.dialect = dialect;
        this.serversAreGood = serversAreGood;
        this.tally = tally;
    }

    @Override
    public void go(SplittableRandom random) throws IOException {
        try (RawClient client = new RawClient(port)) {
            switch (random.nextInt(20)) {
                case 0 -> leavesWithoutReading(client, random);
                case 1 -> resets(client, random);
                case 2 -> announces(client, random);
                case 3 -> asksForMany(client, random);
                case 4 -> writesSlowly(client, random);
                case 5 -> readsOnlyAtTheEnd(client, random);
                case 6 -> saysNothing(client, random);
                default -> listensToTheEnd(client, stream(random), random);
            }
        }
        tally.clients.incrementAndGet();
    }

    /** What such a client may send. */
    public String stream(SplittableRandom random) {
        Mutations mutations = new Mutations(dialect.corpus(), random);
        List<String> requests = dialect.corpus().requests();
        if (random.nextInt(5) == 0) {
            return mutations.anyBytes(LONGEST_NOISE);
        }
        String pipeline = WireCorpus.pipeline(requests, LONGEST_PIPELINE, random);
        return random.nextInt(4) == 0
                ? pipeline
                : mutations.mutated(pipeline, requests.get(random.nextInt(requests.size())));
    }

    /** Asks for all of it at once and fails unless all is answered. */
    public void sendAndListen(String stream) throws IOException {
        try (RawClient client = new RawClient(port)) {
            send(client, RespFrames.bytes(stream), 0, stream.length());
            finishSending(client);
            assertOwed(stream, client.toEnd());
        }
    }

    /** Fails if a server answers another request than the one that was sent last. */
    public void assertInStep(int round) throws IOException {
        try (RawClient client = new RawClient(port)) {
            String word = "probe-" + round + "-";
            send(
                    client,
                    RespFrames.bytes(dialect.probe(word)),
                    0,
                    dialect.probe(word).length());
            finishSending(client);
            String received = new String(client.toEnd(), StandardCharsets.ISO_8859_1);
            Contract.check(received.contains(word), "out of step: " + shown(received));
        }
    }

    private void listensToTheEnd(RawClient client, String stream, SplittableRandom random) throws IOException {
        send(client, stream, random.nextInt(8), random);
        finishSending(client);
        assertOwed(stream, client.toEnd());
    }

    /** Sends it in at most so many pieces more than one. */
    private static void send(RawClient client, String stream, int cuts, SplittableRandom random) {
        byte[] bytes = RespFrames.bytes(stream);
        int sent = 0;
        for (int cut : Pieces.random(stream, cuts, random)) {
            send(client, bytes, sent, cut);
            sent = cut;
        }
        send(client, bytes, sent, bytes.length);
    }

    /** The proxy may have said its last word already; then it is looked at, and this does not matter. */
    private static void send(RawClient client, byte[] bytes, int from, int to) {
        try {
            client.send(bytes, from, to - from);
        } catch (IOException closedAlready) {
            log.debug("Not sent", closedAlready);
        }
    }

    /** The proxy may have said its last word already. */
    private static void finishSending(RawClient client) {
        try {
            client.finishSending();
        } catch (IOException closedAlready) {
            log.debug("Not ended", closedAlready);
        }
    }

    private void writesSlowly(RawClient client, SplittableRandom random) throws IOException {
        String stream = stream(random);
        String few = stream.substring(0, Math.min(SLOW_BYTES, stream.length()));
        for (byte each : RespFrames.bytes(few)) {
            send(client, new byte[] {each}, 0, 1);
        }
        finishSending(client);
        assertOwed(few, client.toEnd());
    }

    private void leavesWithoutReading(RawClient client, SplittableRandom random) throws IOException {
        send(client, stream(random), random.nextInt(4), random);
    }

    private void resets(RawClient client, SplittableRandom random) throws IOException {
        String stream = stream(random);
        send(client, stream.substring(0, random.nextInt(stream.length() + 1)), random.nextInt(4), random);
        client.resetOnClose();
    }

    /** And sends some of it at most. */
    private void announces(RawClient client, SplittableRandom random) throws IOException {
        List<String> announcements = dialect.corpus().announcements();
        String beginning = announcements.get(random.nextInt(announcements.size()));
        listensToTheEnd(client, beginning + "x".repeat(random.nextInt(100)), random);
    }

    private void asksForMany(RawClient client, SplittableRandom random) throws IOException {
        String many = dialect.manyKeys(MANY_KEYS);
        listensToTheEnd(client, many + dialect.corpus().requests().get(0), random);
    }

    private void readsOnlyAtTheEnd(RawClient client, SplittableRandom random) throws IOException {
        StringBuilder stream = new StringBuilder();
        for (int i = random.nextInt(1, 10); i > 0; i--) {
            String part = WireCorpus.pipeline(dialect.corpus().requests(), LONGEST_PIPELINE, random);
            stream.append(part);
            send(client, part, 0, random);
        }
        finishSending(client);
        assertOwed(stream.toString(), client.toEnd());
    }

    private static void saysNothing(RawClient client, SplittableRandom random) throws IOException {
        if (random.nextBoolean()) {
            client.resetOnClose();
        } else {
            client.finishSending();
            Contract.check(client.toEnd().length == 0, "a reply to somebody who asked nothing");
        }
    }

    private void assertOwed(String stream, byte[] received) throws IOException {
        Owed owed = dialect.owed(stream);
        String text = new String(received, StandardCharsets.ISO_8859_1);
        Contract.check(!text.contains(CheckingClient.MARK), "the reply of another client: " + shown(text));
        List<String> replies = repliesIn(received);
        boolean complete = replies.size() == owed.replies();
        if ((!complete && serversAreGood) || replies.size() > owed.replies()) {
            throw new AssertionError("%d replies instead of %s to %s%n%s"
                    .formatted(replies.size(), owed, shown(stream), shown(replies.toString())));
        }
        if (complete && owed.protocolError() && !dialect.isProtocolError(replies.get(replies.size() - 1))) {
            throw new AssertionError("the last reply is no error: %s to %s".formatted(replies, shown(stream)));
        }
        int requests = owed.protocolError() ? owed.replies() - 1 : owed.replies();
        for (String reply : replies.subList(0, serversAreGood ? requests : 0)) {
            if (dialect.isServersFault(reply)) {
                throw new AssertionError("%s to %s".formatted(shown(reply), shown(stream)));
            }
        }
        tally.replies.addAndGet(replies.size());
        tally.protocolErrors.addAndGet(owed.protocolError() ? 1 : 0);
    }

    /** A server that breaks off within a large reply has its client cut off; what came before is not counted then. */
    private List<String> repliesIn(byte[] received) throws IOException {
        try {
            return dialect.replies(received);
        } catch (EOFException cut) {
            if (serversAreGood) {
                throw cut;
            }
            return List.of();
        }
    }

    private static String shown(String text) {
        String printable = text.replace("\r", "\\r").replace("\n", "\\n");
        return printable.length() <= SHOWN ? printable : printable.substring(0, SHOWN) + "...";
    }
}
