package io.sluice.testing.workload;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Transactions. Money goes from one account to another in one of them, and is counted in another: the sum is always
 * zero. And a number that each client reads under WATCH and writes one higher: no step is lost.
 */
final class Accounts implements Part {

    private static final int PAIRS = 10;

    private final Journal journal;
    private final String prefix;
    private final int clients;
    private final AtomicLong steps = new AtomicLong();
    private final AtomicLong unknownSteps = new AtomicLong();

    Accounts(Journal journal, String prefix, int clients) {
        this.journal = journal;
        this.prefix = prefix;
        this.clients = clients;
    }

    @Override
    public List<Actor> actors() {
        List<Actor> actors = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            actors.add(this::step);
        }
        return actors;
    }

    private String tag(int pair) {
        return prefix + "{accounts:" + pair + "}";
    }

    private void step(Link link, Random random) {
        switch (random.nextInt(3)) {
            case 0 -> transfer(tag(random.nextInt(PAIRS)), Integer.toString(1 + random.nextInt(100)), link);
            case 1 -> count(tag(random.nextInt(PAIRS)), link);
            default -> stepUnderWatch(link);
        }
    }

    private void transfer(String tag, String amount, Link link) {
        link.calls(List.<String[]>of(
                new String[] {"MULTI"},
                new String[] {"DECRBY", tag + "a", amount},
                new String[] {"INCRBY", tag + "b", amount},
                new String[] {"EXEC"}));
    }

    private void count(String tag, Link link) {
        Answer both = link.calls(List.<String[]>of(
                        new String[] {"MULTI"},
                        new String[] {"GET", tag + "a"},
                        new String[] {"GET", tag + "b"},
                        new String[] {"EXEC"}))
                .get(3);
        if (both.isReply() && both.value() instanceof List<?> values) {
            journal.require(number(values.get(0)) + number(values.get(1)) == 0, "%s: the accounts are %s", tag, values);
        } else {
            journal.require(!both.isReply(), "%s: EXEC without WATCH gave %s", tag, String.valueOf(both.value()));
        }
    }

    private void stepUnderWatch(Link link) {
        String key = prefix + "watched";
        List<Answer> read = link.calls(List.<String[]>of(new String[] {"WATCH", key}, new String[] {"GET", key}));
        if (!read.get(0).isReply() || !read.get(1).isReply()) {
            link.close(); // whatever is watched now
            return;
        }
        String next = Long.toString(number(read.get(1).value()) + 1);
        Answer executed = link.callsOn(
                        link.connection(),
                        List.<String[]>of(
                                new String[] {"MULTI"}, new String[] {"SET", key, next}, new String[] {"EXEC"}))
                .get(2);
        if (!executed.isReply()) {
            unknownSteps.incrementAndGet();
            link.close();
        } else if (executed.value() != null) {
            steps.incrementAndGet();
        }
    }

    private static long number(@Nullable Object value) {
        return value == null ? 0 : Long.parseLong(String.valueOf(value));
    }

    @Override
    public void check(Link link) {
        for (int pair = 0; pair < PAIRS; pair++) {
            count(tag(pair), link);
        }
        Answer watched = link.call("GET", prefix + "watched");
        journal.require(watched.isReply(), "watched: cannot be read in the end");
        if (watched.isReply()) {
            long value = number(watched.value());
            journal.require(
                    value >= steps.get() && value <= steps.get() + unknownSteps.get(),
                    "watched: is %d in the end, after %d steps, and %d of which nobody knows",
                    value,
                    steps.get(),
                    unknownSteps.get());
        }
    }
}
