package io.sluice.proxy.testing;

import io.sluice.proxy.testing.HostileServer.Fault;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * A client some of whose keys are on a {@link HostileServer}. It must get one reply to each request, in order: what its
 * key holds, or an error; and what is on the good server as if nothing was wrong.
 */
public final class UnluckyClient implements Crowd.Round {

    /** How such a client asks, and what fits. */
    public interface Phrases {
        /** Of a key on the hostile server. */
        Asked get(String badKey);

        /** Of a key on the hostile server. */
        Asked set(String badKey);

        Asked set(String goodKey, String value);

        Asked get(String goodKey, Optional<String> held);

        Asked getBoth(String badKey, String goodKey, Optional<String> held);

        /** A request that both servers have a part in, or only the hostile one. */
        Asked split(String badKey, String goodKey);

        boolean isError(String reply);

        /** The next reply; empty at the end. */
        Optional<String> next(InputStream in) throws IOException;
    }

    /** What these clients have got. */
    public static final class Tally {
        public final AtomicLong replies = new AtomicLong();
        public final AtomicLong errors = new AtomicLong();
        public final AtomicLong cut = new AtomicLong();

        @Override
        public String toString() {
            return "replies=" + replies + " errors=" + errors + " cut=" + cut;
        }
    }

    /**
     * A request and which replies fit.
     *
     * @param request its bytes
     * @param onlyGood whether the hostile server has no part in it
     * @param fits of replies that are no error
     */
    public record Asked(String request, boolean onlyGood, Predicate<String> fits) {}

    private static final int DEEPEST_PIPELINE = 12;
    private static final int SHOWN = 300;

    private final Phrases phrases;
    private final String name;
    private final int port;
    private final List<String> badKeys;
    private final List<String> goodKeys;
    private final HostileServer server;
    private final Tally tally;
    private final Map<String, String> held = new HashMap<>(); // on the good server
    private long rounds;

    /**
     * A client of keys that nobody else asks for.
     *
     * @param badKeys on the hostile server
     * @param goodKeys on good ones; nothing is there yet
     */
    public UnluckyClient(
            Phrases phrases,
            String name,
            int port,
            List<String> badKeys,
            List<String> goodKeys,
            HostileServer server,
            Tally tally) {
        this.phrases = phrases;
        this.name = name;
        this.port = port;
        this.badKeys = List.copyOf(badKeys);
        this.goodKeys = List.copyOf(goodKeys);
        this.server = server;
        this.tally = tally;
    }

    /** One connection, one pipeline. */
    @Override
    public void go(SplittableRandom random) throws IOException {
        rounds++;
        Fault before = server.felt();
        List<Asked> asked = pipeline(random);
        List<String> replies = new ArrayList<>();
        try (RawClient client = new RawClient(port)) {
            StringBuilder bytes = new StringBuilder();
            asked.forEach(each -> bytes.append(each.request()));
            client.send(RespFrames.bytes(bytes.toString()));
            for (Optional<String> reply = next(client.input());
                    reply.isPresent();
                    reply = replies.size() < asked.size() ? next(client.input()) : Optional.empty()) {
                replies.add(reply.get());
            }
        }
        check(asked, replies, before, server.felt());
    }

    /** Empty when the proxy has closed, be it inside a reply. */
    private Optional<String> next(InputStream in) throws IOException {
        try {
            return phrases.next(in);
        } catch (EOFException cut) {
            return Optional.empty();
        }
    }

    private List<Asked> pipeline(SplittableRandom random) {
        List<Asked> asked = new ArrayList<>();
        for (int i = random.nextInt(1, DEEPEST_PIPELINE + 1); i > 0; i--) {
            addRequests(asked, random);
        }
        addSetAndGet(asked, goodKeys.get(0)); // whatever happens, the last reply is known
        return asked;
    }

    private void addRequests(List<Asked> asked, SplittableRandom random) {
        String bad = badKeys.get(random.nextInt(badKeys.size()));
        String good = goodKeys.get(random.nextInt(goodKeys.size()));
        Optional<String> value = Optional.ofNullable(held.get(good));
        switch (random.nextInt(6)) {
            case 0, 1 -> asked.add(phrases.get(bad));
            case 2 -> addSetAndGet(asked, good);
            case 3 -> asked.add(phrases.getBoth(bad, good, value));
            case 4 -> asked.add(phrases.set(bad));
            default -> asked.add(phrases.split(bad, good));
        }
    }

    private void addSetAndGet(List<Asked> asked, String good) {
        String value = name + rounds + "." + asked.size() + good;
        held.put(good, value);
        asked.add(phrases.set(good, value));
        asked.add(phrases.get(good, Optional.of(value)));
    }

    private void check(List<Asked> asked, List<String> replies, Fault before, Fault after) {
        boolean anything = isAnythingPossible(before) || isAnythingPossible(after);
        for (int i = 0; i < replies.size(); i++) {
            Asked request = asked.get(i);
            String reply = replies.get(i);
            boolean error = phrases.isError(reply);
            boolean fits = request.fits().test(reply) || (!request.onlyGood() && (error || anything));
            Contract.check(fits, told("a reply that does not fit", request, reply, before));
            tally.errors.addAndGet(error ? 1 : 0);
        }
        tally.replies.addAndGet(replies.size());
        if (replies.size() < asked.size()) {
            boolean mayBeCut = before.mayCutLargeReplies() || after.mayCutLargeReplies();
            Contract.check(mayBeCut, told("closed before its reply", asked.get(replies.size()), "", before));
            tally.cut.incrementAndGet();
        }
    }

    private static boolean isAnythingPossible(Fault fault) {
        return fault.mayBeOutOfStep() || fault == Fault.WRONG_SHAPE;
    }

    private String told(String what, Asked request, String reply, Fault fault) {
        String text = name + " with " + fault + ": " + what + ": " + reply + " to " + request.request();
        String printable = text.replace("\r\n", "\\r\\n");
        return printable.length() <= SHOWN ? printable : printable.substring(0, SHOWN) + "...";
    }
}
