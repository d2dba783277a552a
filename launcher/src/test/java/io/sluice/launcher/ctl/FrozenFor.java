package io.sluice.launcher.ctl;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How long clients waited at a switch, as {@code ctl} tells. */
final class FrozenFor {

    private static final Pattern FREEZE = Pattern.compile("freeze \\d+ took (\\d+) ms");

    private FrozenFor() {}

    /** Milliseconds of the last freeze that this run has told. */
    static Optional<Long> in(CtlRun run) {
        Optional<Long> last = Optional.empty();
        for (Matcher freeze = FREEZE.matcher(run.out()); freeze.find(); ) {
            last = Optional.of(Long.valueOf(freeze.group(1)));
        }
        return last;
    }
}
