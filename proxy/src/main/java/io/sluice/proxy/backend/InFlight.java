package io.sluice.proxy.backend;

import io.sluice.proxy.protocol.ReplySink;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one connection that await replies, oldest first; four arrays used as rings, so that a request costs
 * no object. Event-loop only.
 *
 * <pre>
 *   sink       where the reply goes; null once its requester was told that the deadline has passed
 *   sentAt     time of the request
 *   end        total of bytes appended to the out buffer once the request was in it
 *   kept       bytes kept of the request, should it have to be sent once more; with a sign once it has been
 * </pre>
 */
final class InFlight {

    private static final int FIRST_CAPACITY = 16;

    private @Nullable ReplySink[] sinks = new ReplySink[FIRST_CAPACITY];
    private long[] sentAt = new long[FIRST_CAPACITY];
    private long[] ends = new long[FIRST_CAPACITY];
    private int[] kept = new int[FIRST_CAPACITY];
    private int head;
    private int size;
    private long removedEnd;

    /** The caller bounds {@link #size()}. */
    void add(ReplySink sink, long now, long end, int keptBytes) {
        if (size == sinks.length) {
            grow();
        }
        int index = index(size);
        sinks[index] = sink;
        sentAt[index] = now;
        ends[index] = end;
        kept[index] = keptBytes;
        size++;
    }

    private void grow() {
        int capacity = sinks.length;
        @Nullable ReplySink[] newSinks = Arrays.copyOf(sinks, capacity * 2);
        long[] newSentAt = new long[capacity * 2];
        long[] newEnds = new long[capacity * 2];
        int[] newKept = new int[capacity * 2];
        for (int i = 0; i < size; i++) {
            newSinks[i] = sinks[index(i)];
            newSentAt[i] = sentAt[index(i)];
            newEnds[i] = ends[index(i)];
            newKept[i] = kept[index(i)];
        }
        sinks = newSinks;
        sentAt = newSentAt;
        ends = newEnds;
        kept = newKept;
        head = 0;
    }

    private int index(int position) {
        return (head + position) & (sinks.length - 1);
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    @Nullable ReplySink sink(int position) {
        return sinks[index(position)];
    }

    /** From now on the reply is for nobody. */
    void disown(int position) {
        sinks[index(position)] = null;
    }

    long sentAt(int position) {
        return sentAt[index(position)];
    }

    long end(int position) {
        return ends[index(position)];
    }

    /** Nothing is in flight, and the next one begins there, not behind the one before it. */
    void beginAt(long total) {
        removedEnd = total;
    }

    /** Where the oldest begins: behind the one before it. */
    long start() {
        return removedEnd;
    }

    /** Bytes kept of the request; 0 if there are none. */
    int keptBytes(int position) {
        return kept[index(position)] & Integer.MAX_VALUE;
    }

    boolean wasRetried(int position) {
        return kept[index(position)] < 0;
    }

    void markRetried(int position) {
        kept[index(position)] |= Integer.MIN_VALUE;
    }

    /** How many end after that total. Those that do are the newest. */
    int endingBeyond(long total) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (end(middle) > total) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return size - low;
    }

    void removeHead() {
        sinks[head] = null;
        removedEnd = ends[head];
        head = (head + 1) & (sinks.length - 1);
        size--;
    }
}
