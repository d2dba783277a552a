package io.sluice.proxy.testing;

import static io.sluice.proxy.testing.RespFrames.bulk;
import static io.sluice.proxy.testing.RespFrames.request;

import io.sluice.proxy.testing.HostileServer.Fault;
import java.io.EOFException;
import java.io.IOException;
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
     * @param onlyGood whether the hostile server has no part in it
     */
    private record Asked(String request, boolean onlyGood, Predicate<String> fits) {}

    private static final int DEEPEST_PIPELINE = 12;
    private static final int SHOWN = 300;

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
            String name, int port, List<String> badKeys, List<String> goodKeys, HostileServer server, Tally tally) {
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
            for (Optional<String> reply = next(client);
                    reply.isPresent();
                    reply = replies.size() < asked.size() ? next(client) : Optional.empty()) {
                replies.add(reply.get());
            }
        }
        check(asked, replies, before, server.felt());
    }

    /** Empty when the proxy has closed, be it inside a reply. */
    private static Optional<String> next(RawClient client) throws IOException {
        try {
            return client.nextReply();
        } catch (EOFException cut) {
            return Optional.empty();
        }
    }

    private List<Asked> pipeline(SplittableRandom random) {
        List<Asked> asked = new ArrayList<>();
        for (int i = random.nextInt(1, DEEPEST_PIPELINE + 1); i > 0; i--) {
            addRequests(asked, random);
        }
        String last = name + " " + rounds;
        asked.add(new Asked(request("ECHO", last), true, bulk(last)::equals));
        return asked;
    }

    private void addRequests(List<Asked> asked, SplittableRandom random) {
        String bad = badKeys.get(random.nextInt(badKeys.size()));
        String good = goodKeys.get(random.nextInt(goodKeys.size()));
        String badValue = bulk("value of " + bad);
        switch (random.nextInt(6)) {
            case 0, 1 -> asked.add(new Asked(request("GET", bad), false, badValue::equals));
            case 2 -> {
                String value = name + rounds + good;
                held.put(good, bulk(value));
                asked.add(new Asked(request("SET", good, value), true, "+OK\r\n"::equals));
                asked.add(new Asked(request("GET", good), true, bulk(value)::equals));
            }
            case 3 -> {
                String both = "*2\r\n" + badValue + held.getOrDefault(good, "$-1\r\n");
                asked.add(new Asked(request("MGET", bad, good), false, both::equals));
            }
            case 4 -> asked.add(new Asked(request("SET", bad, "x"), false, "+OK\r\n"::equals));
            default -> asked.add(new Asked(request("EXISTS", bad, good), false, reply -> reply.startsWith(":")));
        }
    }

    private void check(List<Asked> asked, List<String> replies, Fault before, Fault after) {
        boolean anything = isAnythingPossible(before) || isAnythingPossible(after);
        for (int i = 0; i < replies.size(); i++) {
            Asked request = asked.get(i);
            String reply = replies.get(i);
            boolean error = reply.startsWith("-");
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
