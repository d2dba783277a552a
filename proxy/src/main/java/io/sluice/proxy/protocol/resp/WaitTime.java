package io.sluice.proxy.protocol.resp;

import io.sluice.proxy.command.Command;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.transport.OutBuffer;
import java.math.BigDecimal;
import java.util.Locale;

/**
 * Where blocking commands say how long they wait.
 *
 * <pre>
 *   BLPOP key key 2.5          BLMPOP 2.5 1 key LEFT          XREAD BLOCK 2500 STREAMS key id
 *                 └─┘ seconds         └─┘ seconds                   └──┘ milliseconds
 * </pre>
 */
final class WaitTime {

    private static final int NOWHERE = -1;
    private static final int LONGEST_NUMBER = 32;
    private static final BigDecimal MOST_MILLIS = BigDecimal.valueOf(Long.MAX_VALUE);

    private WaitTime() {}

    /** Milliseconds, at least 1 if not 0; 0 for ever, or for what a server may understand but we do not; negative for none. */
    static long millis(Request request) {
        int argument = argument(request);
        if (argument == NOWHERE) {
            return NOWHERE;
        }
        if (request.length(argument) > LONGEST_NUMBER) {
            return 0;
        }
        try {
            BigDecimal number = new BigDecimal(request.text(argument));
            BigDecimal millis = isInMillis(request) ? number : number.movePointRight(3);
            return millis.signum() <= 0 || millis.compareTo(MOST_MILLIS) >= 0 ? 0 : Math.max(1, millis.longValue());
        } catch (ArithmeticException | NumberFormatException e) {
            return 0;
        }
    }

    /** Appends the request with another time. */
    static void append(Request request, long millis, OutBuffer out) {
        int timeArgument = argument(request);
        String time = isInMillis(request) ? Long.toString(millis) : seconds(millis);
        out.append("*" + request.count() + "\r\n");
        for (int i = 0; i < request.count(); i++) {
            if (i == timeArgument) {
                out.append("$" + time.length() + "\r\n" + time + "\r\n");
            } else {
                out.append("$" + request.length(i) + "\r\n");
                out.append(request.buffer(), request.index(i), request.length(i) + 2); // with its CRLF
            }
        }
    }

    private static String seconds(long millis) {
        return BigDecimal.valueOf(millis, 3).stripTrailingZeros().toPlainString();
    }

    private static boolean isInMillis(Request request) {
        return name(request).startsWith("x");
    }

    private static String name(Request request) {
        Command command = request.command();
        return command == null ? "" : command.name();
    }

    private static int argument(Request request) {
        return switch (name(request)) {
            case "blpop", "brpop", "bzpopmin", "bzpopmax", "blmove", "brpoplpush" -> request.count() - 1;
            case "blmpop", "bzmpop" -> 1;
            case "xread", "xreadgroup" -> blockOption(request);
            default -> NOWHERE;
        };
    }

    /** The options come before STREAMS; a consumer may be named as one of them. */
    private static int blockOption(Request request) {
        int found = NOWHERE;
        for (int i = 1; i + 1 < request.count(); ) {
            switch (request.text(i).toLowerCase(Locale.ROOT)) {
                case "block" -> {
                    found = i + 1;
                    i += 2;
                }
                case "count" -> i += 2;
                case "group" -> i += 3;
                case "noack" -> i++;
                default -> {
                    return found;
                }
            }
        }
        return found;
    }
}
