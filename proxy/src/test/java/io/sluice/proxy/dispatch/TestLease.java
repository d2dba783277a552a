package io.sluice.proxy.dispatch;

import java.time.Duration;

/** A lease that the test gives and takes. */
final class TestLease implements HandoffLease {

    boolean held = true;
    long epoch = 12;
    private final Duration steady;
    private long renewals = 1;
    private long lastGap;

    /** @param steady how long it lasts for slots in no handoff; zero for ever */
    TestLease(Duration steady) {
        this.steady = steady;
    }

    void renewAfterGap() {
        held = true;
        renewals++;
        lastGap = renewals;
    }

    @Override
    public long renewals() {
        return renewals;
    }

    @Override
    public boolean isHeldSince(long then, Duration limit) {
        return held && then >= lastGap;
    }

    @Override
    public Duration steady() {
        return steady;
    }

    @Override
    public long epoch() {
        return epoch;
    }
}
