package io.sluice.proxy.testing;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What {@code docs/errors.md} lets a Redis client read out of an error while servers fail.
 *
 * @param kind as in the first column there
 * @param server who is to blame; null if the error names none and need not
 * @param mayBeCarriedOut whether the request may have been
 */
record ErrorReason(String kind, @Nullable String server, boolean mayBeCarriedOut) {

    private record Row(String kind, Pattern text, boolean mayBeCarriedOut) {
        Row(String kind, String text, boolean mayBeCarriedOut) {
            this(kind, Pattern.compile(text), mayBeCarriedOut);
        }
    }

    private static final String SERVER = "server=(\\S+) ";

    private static final List<Row> ROWS = List.of(
            new Row(
                    "no_server",
                    "ERR Connection refused: " + SERVER + "state=(?:ejected probe_in=\\d+m?s|probing|returning)",
                    false),
            new Row(
                    "unreachable",
                    "ERR Connection refused: " + SERVER + "(?:retry_in=\\d+m?s|waited=\\d+ms) cause=\\S.*",
                    false),
            new Row("connection_lost", "ERR Connection reset by peer: " + SERVER + "waited=\\d+ms cause=\\S.*", true),
            new Row("timed_out", "ERR Connection timed out: " + SERVER + "waited=\\d+ms", true),
            new Row("stalled", "ERR Server stalled: " + SERVER + "queued_bytes=\\d+ in_flight=\\d+", false),
            new Row("loading (the server's own)", "LOADING Redis is loading the dataset in memory()", false));

    /** Fails if the error has no reason, or none that belongs here. */
    static ErrorReason of(String message) {
        for (Row row : ROWS) {
            Matcher text = row.text().matcher(message);
            if (text.matches()) {
                String server = text.group(1);
                return new ErrorReason(row.kind(), server.isEmpty() ? null : server, row.mayBeCarriedOut());
            }
        }
        throw new AssertionError("An error without a reason that docs/errors.md lists: " + message);
    }
}
