package io.sluice.manager.change;

import java.io.Serial;
import java.util.List;

/** A change that cannot be made of this topology. */
public final class ChangeRefusedException extends Exception {

    @Serial
    private static final long serialVersionUID = 1;

    private final transient List<String> reasons;
    private final boolean stale;

    /** All that is wrong with it, each in one line that says what to do instead. */
    public ChangeRefusedException(List<String> reasons) {
        this(reasons, false);
    }

    public ChangeRefusedException(String reason) {
        this(List.of(reason));
    }

    private ChangeRefusedException(List<String> reasons, boolean stale) {
        super(String.join("\n", reasons));
        this.reasons = List.copyOf(reasons);
        this.stale = stale;
    }

    /** It was planned for a topology that has been replaced since. */
    static ChangeRefusedException stale(long expectedEpoch, long epoch) {
        return new ChangeRefusedException(
                List.of("the topology is at epoch " + epoch + " by now, not " + expectedEpoch
                        + ": somebody changed it; plan again, and look at the history"),
                true);
    }

    /** Whether nothing is wrong with the change but that it was planned for another epoch. */
    public boolean isStale() {
        return stale;
    }

    public List<String> reasons() {
        return reasons;
    }
}
