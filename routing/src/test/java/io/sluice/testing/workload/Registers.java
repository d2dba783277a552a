package io.sluice.testing.workload;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.Stream;

/**
 * Keys with one writer each, who writes rising numbers, one by one and several in one MSET. Whoever reads gets at least
 * what was acknowledged, or read by anybody, before he asked; and at most what was sent before he got it.
 */
final class Registers implements Part {

    private static final int KEYS_OF_A_WRITER = 40;
    private static final int KEYS_IN_ONE_REQUEST = 8;

    private final Journal journal;
    private final String prefix;
    private final int writers;
    private final int readers;
    private final AtomicLongArray sent;
    private final AtomicLongArray known; // acknowledged or read

    Registers(Journal journal, String prefix, int writers, int readers) {
        this.journal = journal;
        this.prefix = prefix;
        this.writers = writers;
        this.readers = readers;
        this.sent = new AtomicLongArray(writers * KEYS_OF_A_WRITER);
        this.known = new AtomicLongArray(writers * KEYS_OF_A_WRITER);
    }

    private String key(int register) {
        return prefix + "register:" + register;
    }

    @Override
    public List<Actor> actors() {
        List<Actor> actors = new ArrayList<>();
        for (int writer = 0; writer < writers; writer++) {
            int first = writer * KEYS_OF_A_WRITER;
            actors.add((link, random) -> write(first, link, random));
        }
        for (int reader = 0; reader < readers; reader++) {
            actors.add(this::read);
        }
        return actors;
    }

    private void write(int first, Link link, Random random) {
        int count = random.nextInt(4) == 0 ? KEYS_IN_ONE_REQUEST : 1;
        int from = first + random.nextInt(KEYS_OF_A_WRITER - count + 1);
        List<String> request = new ArrayList<>(List.of(count == 1 ? "SET" : "MSET"));
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = sent.incrementAndGet(from + i);
            request.add(key(from + i));
            request.add(Long.toString(values[i]));
        }
        Answer answer = link.call(request.toArray(String[]::new));
        for (int i = 0; i < count && answer.isReply(); i++) {
            known.accumulateAndGet(from + i, values[i], Math::max);
        }
    }

    private void read(Link link, Random random) {
        int count = random.nextInt(4) == 0 ? KEYS_IN_ONE_REQUEST : 1;
        int from = random.nextInt(sent.length() - count + 1);
        long[] atLeast = new long[count];
        List<String> request = new ArrayList<>(List.of(count == 1 ? "GET" : "MGET"));
        for (int i = 0; i < count; i++) {
            atLeast[i] = known.get(from + i);
            request.add(key(from + i));
        }
        Answer answer = link.call(request.toArray(String[]::new));
        if (answer.isReply()) {
            List<?> values = answer.value() instanceof List<?> list
                    ? list
                    : Stream.of(answer.value() == null ? "0" : answer.value()).toList();
            for (int i = 0; i < count; i++) {
                check(from + i, values.get(i), atLeast[i]);
            }
        }
    }

    private void check(int register, Object value, long atLeast) {
        long found = value == null ? 0 : Long.parseLong(String.valueOf(value));
        journal.require(
                found >= atLeast && found <= sent.get(register),
                "%s: read %d, but %d was known before, and %d is the last that was sent",
                key(register),
                found,
                atLeast,
                sent.get(register));
        known.accumulateAndGet(register, found, Math::max);
    }

    @Override
    public void check(Link link) {
        for (int register = 0; register < sent.length(); register++) {
            Answer answer = link.call("GET", key(register));
            journal.require(answer.isReply(), "%s: cannot be read in the end", key(register));
            if (answer.isReply()) {
                check(register, answer.value() == null ? "0" : answer.value(), known.get(register));
            }
        }
    }
}
