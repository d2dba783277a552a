package io.sluice.proxy.transport;

/** How much the connections of one event loop have read since its last turn. Event-loop only. */
final class TurnReads {

    private int count;
    private long bytes;

    void add(int more) {
        count++;
        bytes += more;
    }

    int count() {
        return count;
    }

    long bytes() {
        return bytes;
    }

    void clear() {
        count = 0;
        bytes = 0;
    }
}
