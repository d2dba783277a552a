package io.sluice.launcher.ctl;

import io.sluice.launcher.text.TextTable;
import io.sluice.manager.api.Answers.RingAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Rings on their way to other servers, as people read it. */
final class RingText {

    private RingText() {}

    static List<String> rings(List<RingAnswer> rings) {
        if (rings.isEmpty()) {
            return List.of();
        }
        TextTable table = new TextTable().row("ID", "POOL", "KIND", "COMES", "GOES", "KEYS", "STATE", "SINCE", "ENDS");
        for (RingAnswer ring : rings) {
            table.row(
                    ring.id(),
                    ring.pool(),
                    ring.kind(),
                    names(ring.comes()),
                    names(ring.goes()),
                    String.format(Locale.ROOT, "%.1f %%", 100 * ring.share()),
                    state(ring),
                    ring.since(),
                    ring.ends() == null ? "-" : ring.ends());
        }
        List<String> lines = new ArrayList<>(table.lines());
        for (RingAnswer ring : rings) {
            lines.add(line(ring));
            ring.waitsFor().forEach(reason -> lines.add("  waits: " + reason));
            if (ring.lastError() != null) {
                lines.add("  last error: " + ring.lastError());
            }
        }
        return lines;
    }

    private static String names(List<String> servers) {
        return servers.isEmpty() ? "-" : AnswerText.cut(String.join(" ", servers));
    }

    private static String state(RingAnswer ring) {
        return ring.state() + (ring.back() ? ", goes back" : "");
    }

    /** All that changes, in one line. */
    static String line(RingAnswer ring) {
        boolean isKnown = ring.state().equals("window") && ring.ends() != null; // other ends move while one looks
        List<String> parts =
                new ArrayList<>(List.of(state(ring) + (isKnown ? " until " + ring.ends() : ""), ring.step()));
        if (ring.swept() > 0) {
            parts.add(ring.swept() + " leftovers removed");
        }
        if (ring.kind().equals("broker") && ring.queues() > 0) {
            parts.add(ring.queues() + (ring.queues() == 1 ? " queue" : " queues") + " left there");
        }
        return ring.id() + ": " + String.join(", ", parts);
    }
}
