package io.sluice.testing.workload;

import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * Lists that producers append to, and consumers take from. Every element that was acknowledged comes out once, unless
 * the reply that had it was lost; and those of one producer in their order, for each consumer. An element of which its
 * producer has not heard may come late: a proxy that was stopped reads the request when it wakes up, long after its client
 * has gone on through another one.
 */
final class Queues implements Part {

    private static final int QUEUES = 10;
    /** More elements than that, and producers wait for the consumers. */
    private static final int ENOUGH = 20_000;

    private static final Duration PATIENCE = Duration.ofMillis(500);

    /** What one producer has appended. */
    private static final class Produced {
        private final BitSet acknowledged = new BitSet();
        private final BitSet popped = new BitSet();
        private int sent;

        synchronized int next() {
            return ++sent;
        }

        synchronized void acknowledge(int number) {
            acknowledged.set(number);
        }

        /** Whether its place among those that were acknowledged after it is certain. */
        synchronized boolean isAcknowledged(int number) {
            return acknowledged.get(number);
        }

        /** What is wrong with that, if anything is. */
        synchronized String pop(int number) {
            String wrong = popped.get(number) ? "popped twice" : number > sent ? "popped, and was never pushed" : "";
            popped.set(number);
            return wrong;
        }

        synchronized BitSet missing() {
            BitSet missing = (BitSet) acknowledged.clone();
            missing.andNot(popped);
            return missing;
        }
    }

    private final Journal journal;
    private final String prefix;
    private final List<Produced> producers;
    private final int consumers;
    private final boolean blocking;
    private final AtomicLong unknownPops = new AtomicLong();
    private final AtomicInteger waiting = new AtomicInteger();

    Queues(Journal journal, String prefix, int producers, int consumers, boolean blocking) {
        this.blocking = blocking;
        this.journal = journal;
        this.prefix = prefix;
        this.producers =
                IntStream.range(0, producers).mapToObj(i -> new Produced()).toList();
        this.consumers = consumers;
    }

    @Override
    public List<Actor> actors() {
        List<Actor> actors = new ArrayList<>();
        for (int producer = 0; producer < producers.size(); producer++) {
            int number = producer;
            actors.add((link, random) -> push(number, link, random));
        }
        for (int i = 0; i < consumers; i++) {
            Map<String, Integer> last = new HashMap<>();
            actors.add((link, random) -> pop(last, link, queue(random.nextInt(QUEUES))));
        }
        return actors;
    }

    private String queue(int number) {
        return prefix + "queue:" + number;
    }

    private void push(int producer, Link link, Random random) {
        String queue = queue(random.nextInt(QUEUES));
        if (waiting.get() > ENOUGH) {
            link.call("LLEN", queue);
            return;
        }
        int number = producers.get(producer).next();
        waiting.incrementAndGet();
        if (link.call("RPUSH", queue, producer + "/" + number).isReply()) {
            producers.get(producer).acknowledge(number);
        }
    }

    private void pop(Map<String, Integer> last, Link link, String queue) {
        Answer answer = blocking ? link.waiting(PATIENCE, "BLPOP", queue, "0.5") : link.call("LPOP", queue);
        if (!answer.isReply()) {
            unknownPops.incrementAndGet();
        } else if (answer.value() != null) {
            String element = String.valueOf(answer.value() instanceof List<?> pair ? pair.get(1) : answer.value());
            int number = taken(queue, element);
            String producer = element.substring(0, element.indexOf('/'));
            Integer before = last.put(queue + producer, number);
            journal.require(
                    before == null
                            || before < number
                            || !producers.get(Integer.parseInt(producer)).isAcknowledged(number),
                    "%s: %s popped after number %s of the same producer",
                    queue,
                    element,
                    before);
        }
    }

    private int taken(String queue, String element) {
        waiting.decrementAndGet();
        int slash = element.indexOf('/');
        int number = Integer.parseInt(element.substring(slash + 1));
        String wrong =
                producers.get(Integer.parseInt(element.substring(0, slash))).pop(number);
        journal.require(wrong.isEmpty(), "%s: %s %s", queue, element, wrong);
        return number;
    }

    @Override
    public void check(Link link) {
        for (int queue = 0; queue < QUEUES; queue++) {
            Answer answer = link.call("LPOP", queue(queue));
            while (answer.isReply() && answer.value() != null) {
                taken(queue(queue), String.valueOf(answer.value()));
                answer = link.call("LPOP", queue(queue));
            }
            journal.require(answer.isReply(), "%s: cannot be read in the end", queue(queue));
        }
        long missing = 0;
        for (Produced producer : producers) {
            missing += producer.missing().cardinality();
        }
        journal.require(
                missing <= unknownPops.get(),
                "%d elements were pushed and never popped; only %d pops were without a reply",
                missing,
                unknownPops.get());
    }
}
