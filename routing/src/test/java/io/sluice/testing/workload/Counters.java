package io.sluice.testing.workload;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Numbers that all clients count up: keys of their own, and fields of one hash. Each result is there once, it is greater
 * than all that were known before the request, and in the end there are as many as were acknowledged, or more by at most
 * those of which nobody knows.
 */
final class Counters implements Part {

    private static final int PLAIN = 20;
    private static final int FIELDS = 20;

    private final Journal journal;
    private final String prefix;
    private final int clients;
    private final AtomicLongArray known = new AtomicLongArray(PLAIN + FIELDS);
    private final AtomicLongArray acknowledged = new AtomicLongArray(PLAIN + FIELDS);
    private final AtomicLongArray unknown = new AtomicLongArray(PLAIN + FIELDS);
    private final List<Set<Long>> results = new ArrayList<>();

    Counters(Journal journal, String prefix, int clients) {
        this.journal = journal;
        this.prefix = prefix;
        this.clients = clients;
        for (int i = 0; i < PLAIN + FIELDS; i++) {
            results.add(ConcurrentHashMap.newKeySet());
        }
    }

    @Override
    public List<Actor> actors() {
        List<Actor> actors = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            actors.add(this::count);
        }
        return actors;
    }

    private String name(int counter) {
        return counter < PLAIN ? prefix + "counter:" + counter : prefix + "counters field " + counter;
    }

    private void count(Link link, Random random) {
        int counter = random.nextInt(PLAIN + FIELDS);
        long before = known.get(counter);
        Answer answer = counter < PLAIN
                ? link.call("INCR", prefix + "counter:" + counter)
                : link.call("HINCRBY", prefix + "counters", "field:" + counter, "1");
        if (!answer.isReply()) {
            unknown.incrementAndGet(counter);
            return;
        }
        long result = answer.number();
        acknowledged.incrementAndGet(counter);
        journal.require(result > before, "%s: counted to %d, but %d was known before", name(counter), result, before);
        journal.require(results.get(counter).add(result), "%s: counted to %d twice", name(counter), result);
        known.accumulateAndGet(counter, result, Math::max);
    }

    @Override
    public void check(Link link) {
        for (int counter = 0; counter < PLAIN + FIELDS; counter++) {
            Answer answer = counter < PLAIN
                    ? link.call("GET", prefix + "counter:" + counter)
                    : link.call("HGET", prefix + "counters", "field:" + counter);
            journal.require(answer.isReply(), "%s: cannot be read in the end", name(counter));
            if (answer.isReply()) {
                long value = answer.value() == null ? 0 : answer.number();
                long least = acknowledged.get(counter);
                long most = least + unknown.get(counter);
                journal.require(
                        value >= least && value <= most,
                        "%s: is %d in the end, but %d were acknowledged, and of %d nobody knows",
                        name(counter),
                        value,
                        least,
                        unknown.get(counter));
            }
        }
    }
}
