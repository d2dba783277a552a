package io.sluice.testing.workload;

import java.util.ArrayList;
import java.util.List;

/** Pairs of keys that a script counts up together, and another reads together: they are never different. */
final class Scripts implements Part {

    private static final int PAIRS = 20;
    private static final String COUNT =
            "local a = redis.call('INCR', KEYS[1]) local b = redis.call('INCR', KEYS[2]) return {a, b}";
    private static final String READ = "return {redis.call('GET', KEYS[1]) or '0', redis.call('GET', KEYS[2]) or '0'}";

    private final Journal journal;
    private final String prefix;
    private final int clients;

    Scripts(Journal journal, String prefix, int clients) {
        this.journal = journal;
        this.prefix = prefix;
        this.clients = clients;
    }

    @Override
    public List<Actor> actors() {
        List<Actor> actors = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            actors.add((link, random) -> run(random.nextBoolean() ? COUNT : READ, random.nextInt(PAIRS), link));
        }
        return actors;
    }

    private void run(String script, int pair, Link link) {
        String tag = prefix + "{pair:" + pair + "}";
        Answer answer = link.call("EVAL", script, "2", tag + "a", tag + "b");
        if (answer.isReply() && answer.value() instanceof List<?> both) {
            journal.require(
                    String.valueOf(both.get(0)).equals(String.valueOf(both.get(1))), "%s: the two are %s", tag, both);
        }
    }

    @Override
    public void check(Link link) {
        for (int pair = 0; pair < PAIRS; pair++) {
            run(READ, pair, link);
        }
    }
}
