package io.sluice.proxy.protocol.memcache;

import io.sluice.proxy.command.Command;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.transport.OutBuffer;
import java.time.Duration;
import java.time.InstantSource;

/**
 * Writes whose values must not outlive a given time: set, add and replace, with the shorter of that time and the
 * client's own in the place of the latter.
 *
 * <pre>
 *   set k 0 0 5         set k 0 10 5
 *   set k 0 3 5         set k 0 3 5
 * </pre>
 *
 * More than 30 days is a moment in Unix time. Source: memcached, doc/protocol.txt, "Expiration times".
 */
final class TextExpiring {

    private static final int TIME = 3;
    private static final long LONGEST_RELATIVE_SECONDS = Duration.ofDays(30).toSeconds();

    private final InstantSource clock;

    TextExpiring(InstantSource clock) {
        this.clock = clock;
    }

    /** Returns false, having appended nothing, if the request is none of them. */
    boolean append(Request request, Duration timeToLive, OutBuffer out) {
        Command command = request.command();
        if (command == null) {
            return false;
        }
        return switch (command.name()) {
            case "set", "add", "replace" -> {
                appendStorage(request, Math.max(1, timeToLive.toSeconds()), out);
                yield true;
            }
            default -> false;
        };
    }

    private void appendStorage(Request request, long mostSeconds, OutBuffer out) {
        if (isOver(request) || secondsLeft(TextNumbers.unsigned(request, TIME)) <= mostSeconds) {
            request.appendTo(out);
        } else {
            request.appendReplacing(TIME, Long.toString(mostSeconds), out);
        }
    }

    /** What is below 0; but -0 is 0 to memcached, which is for ever. */
    private static boolean isOver(Request request) {
        if (request.byteAt(TIME, 0) != '-') {
            return false;
        }
        for (int i = 1; i < request.length(TIME); i++) {
            if (request.byteAt(TIME, i) != '0') {
                return true;
            }
        }
        return false;
    }

    private long secondsLeft(long wanted) {
        if (wanted == 0 || wanted == TextNumbers.NONE) { // the latter is -0
            return Long.MAX_VALUE;
        }
        return wanted <= LONGEST_RELATIVE_SECONDS
                ? wanted
                : wanted - clock.instant().getEpochSecond();
    }
}
