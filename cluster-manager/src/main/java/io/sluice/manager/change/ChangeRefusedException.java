package io.sluice.manager.change;

import java.io.Serial;
import java.util.List;

/** A change that cannot be made of this topology. */
public final class ChangeRefusedException extends Exception {

    @Serial
    private static final long serialVersionUID = 1;

    private final transient List<String> reasons;

    /** All that is wrong with it, each in one line that says what to do instead. */
    public ChangeRefusedException(List<String> reasons) {
        super(String.join("\n", reasons));
        this.reasons = List.copyOf(reasons);
    }

    public ChangeRefusedException(String reason) {
        this(List.of(reason));
    }

    public List<String> reasons() {
        return reasons;
    }
}
