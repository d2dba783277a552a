package io.sluice.launcher.faults;

import java.util.List;
import java.util.stream.Stream;

/** Where a {@link HaltingManager} can be halted: before or after what it does in a step of a handoff. */
enum FaultPoint {
    WRITING_COPY(1, false),
    COPY_WRITTEN(1, false),
    BEGINNING(0, false),
    CONNECTION_WRITTEN_DOWN(2, false),
    COPYING(3, false),
    CAUGHT_UP(3, false),
    WRITING_FREEZE(4, false),
    FROZEN(5, true),
    BEFORE_DRAIN(6, true),
    DRAINED(7, true),
    GATE_CLOSED(8, true),
    WRITING_SWITCH(9, true),
    SWITCHED(10, false),
    CLEANING(11, false),
    CLEANED(11, false),
    WRITING_END(11, false),

    /** After an abort only. */
    PURGING(0, false);

    private final int step;
    private final boolean clientsWait;

    FaultPoint(int step, boolean clientsWait) {
        this.step = step;
        this.clientsWait = clientsWait;
    }

    /** Those that every move comes to. */
    static List<FaultPoint> ofEveryMove() {
        return Stream.of(values()).filter(point -> point != PURGING).toList();
    }

    /** As the protocol numbers them. */
    int step() {
        return step;
    }

    /** Whether the slots are frozen there. */
    boolean clientsWait() {
        return clientsWait;
    }
}
