package io.sluice.testing.workload;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Keys that expire: there while they must be, and gone a little after they must be. Each client has its own. */
final class Expiries implements Part {

    private static final int SHORTEST_MILLIS = 150;
    private static final int LONGEST_MILLIS = 1500;
    /** How much later than at its time a key may still be read. */
    private static final long GRACE_NANOS = 100_000_000;
    /** How much earlier it may be gone: servers count in whole milliseconds, each by its own clock. */
    private static final long EARLY_NANOS = 5_000_000;

    private static final int KEYS = 30;

    private final Journal journal;
    private final String prefix;
    private final int clients;

    Expiries(Journal journal, String prefix, int clients) {
        this.journal = journal;
        this.prefix = prefix;
        this.clients = clients;
    }

    @Override
    public List<Actor> actors() {
        List<Actor> actors = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            actors.add(new Keys(prefix + "expiry:" + i + ":"));
        }
        return actors;
    }

    private final class Keys implements Actor {
        private final String name;
        private final long[] aliveUntil = new long[KEYS];
        private final long[] goneFrom = new long[KEYS];
        private final boolean[] isKnown = new boolean[KEYS];

        Keys(String name) {
            this.name = name;
        }

        @Override
        public void step(Link link, Random random) {
            int key = random.nextInt(KEYS);
            boolean isOver = isKnown[key] && System.nanoTime() - goneFrom[key] > 0;
            if (isKnown[key] && !(isOver && random.nextBoolean())) {
                read(key, link);
            } else {
                write(key, link, SHORTEST_MILLIS + random.nextInt(LONGEST_MILLIS - SHORTEST_MILLIS));
            }
        }

        private void write(int key, Link link, int millis) {
            long before = System.nanoTime();
            isKnown[key] = link.call("SET", name + key, "v", "PX", Integer.toString(millis))
                    .isReply();
            aliveUntil[key] = before + millis * 1_000_000L - EARLY_NANOS;
            goneFrom[key] = System.nanoTime() + millis * 1_000_000L + GRACE_NANOS;
        }

        private void read(int key, Link link) {
            long before = System.nanoTime();
            Answer answer = link.call("GET", name + key);
            long after = System.nanoTime();
            if (answer.isReply() && answer.value() == null) {
                journal.require(
                        after - aliveUntil[key] > 0,
                        "%s%d: gone %d ms before its time",
                        name,
                        key,
                        (aliveUntil[key] - after) / 1_000_000);
            } else if (answer.isReply()) {
                journal.require(
                        before - goneFrom[key] < 0,
                        "%s%d: there %d ms after its time and the grace",
                        name,
                        key,
                        (before - goneFrom[key]) / 1_000_000);
            }
        }
    }
}
