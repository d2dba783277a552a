package io.sluice.launcher.ctl;

import java.io.PrintWriter;
import java.util.List;

/** Some lines at the end of a terminal that are written anew in their place. */
final class LiveBlock {

    private static final String TO_END_OF_LINE = "\u001b[K";
    private static final String BELOW = "\u001b[J";

    private final PrintWriter out;
    private int shown;

    LiveBlock(PrintWriter out) {
        this.out = out;
    }

    /** These instead of those before; none may be wider than the terminal. */
    void show(List<String> lines) {
        if (shown > 0) {
            out.printf("\u001b[%dA", shown); // up
        }
        out.print("\r");
        lines.forEach(line -> out.print(line + TO_END_OF_LINE + "\n"));
        out.print(BELOW);
        out.flush();
        shown = lines.size();
    }
}
