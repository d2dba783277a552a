package io.sluice.proxy.protocol.resp;

import io.sluice.proxy.command.Command;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.transport.OutBuffer;
import java.time.Duration;
import java.util.Locale;

/**
 * Writes whose keys must not outlive a given time: SET, SETEX and PSETEX, sent as one command that carries the shorter
 * of that time and the client's own.
 *
 * <pre>
 *   SET k v NX          SET k v NX PX 10000
 *   SET k v EX 3        SET k v PX 3000
 *   SETEX k 3600 v      PSETEX k 10000 v
 * </pre>
 *
 * What redis-server would refuse goes there as it is. KEEPTTL, EXAT and PXAT are not taken.
 */
final class RespExpiring {

    private static final int LONGEST_OPTION = 15;
    private static final int MOST_DIGITS = 19; // of a number of 64 bits
    private static final long NOT_POSITIVE = -1;

    private RespExpiring() {}

    /** Returns false, having appended nothing, if the request is none of them. */
    static boolean append(Request request, Duration timeToLive, OutBuffer out) {
        Command command = request.command();
        if (command == null) {
            return false;
        }
        return switch (command.name()) {
            case "set" -> appendSet(request, timeToLive.toMillis(), out);
            case "setex" -> appendWithTime(request, 1_000, timeToLive.toMillis(), out);
            case "psetex" -> appendWithTime(request, 1, timeToLive.toMillis(), out);
            default -> false;
        };
    }

    private static boolean appendWithTime(Request request, int unitMillis, long mostMillis, OutBuffer out) {
        long wanted = millis(request, 2, unitMillis);
        if (wanted == NOT_POSITIVE) {
            request.appendTo(out);
            return true;
        }
        out.append("*4\r\n");
        append("PSETEX", out);
        append(request, 1, out);
        append(Long.toString(Math.min(mostMillis, wanted)), out);
        append(request, 3, out);
        return true;
    }

    private static boolean appendSet(Request request, long mostMillis, OutBuffer out) {
        int times = 0;
        long millis = mostMillis;
        StringBuilder conditions = new StringBuilder();
        for (int i = 3; i < request.count(); i++) {
            String option = option(request, i);
            switch (option) {
                case "NX", "XX", "GET" -> conditions.append(option).append(' ');
                case "EX", "PX" -> {
                    int unitMillis = option.equals("EX") ? 1_000 : 1;
                    long wanted = ++i < request.count() ? millis(request, i, unitMillis) : NOT_POSITIVE;
                    if (wanted == NOT_POSITIVE || ++times > 1) {
                        request.appendTo(out);
                        return true;
                    }
                    millis = Math.min(mostMillis, wanted);
                }
                default -> {
                    return false;
                }
            }
        }
        appendSet(request, conditions.toString().split(" ", -1), millis, out);
        return true;
    }

    private static void appendSet(Request request, String[] conditions, long millis, OutBuffer out) {
        int words = conditions.length - 1; // what follows the last space is empty
        out.append("*" + (5 + words) + "\r\n");
        append("SET", out);
        append(request, 1, out);
        append(request, 2, out);
        for (int i = 0; i < words; i++) {
            append(conditions[i], out);
        }
        append("PX", out);
        append(Long.toString(millis), out);
    }

    private static String option(Request request, int argument) {
        return request.length(argument) > LONGEST_OPTION
                ? ""
                : request.text(argument).toUpperCase(Locale.ROOT);
    }

    /** What redis-server takes: a positive number of which the milliseconds fit into 64 bits. */
    private static long millis(Request request, int argument, int unitMillis) {
        int length = request.length(argument);
        if (length > MOST_DIGITS) {
            return NOT_POSITIVE;
        }
        long value = 0;
        for (int i = 0; i < length; i++) {
            int digit = request.byteAt(argument, i) - '0';
            if (digit < 0 || digit > 9 || value > (Long.MAX_VALUE - digit) / 10) {
                return NOT_POSITIVE;
            }
            value = value * 10 + digit;
        }
        return value == 0 || value > Long.MAX_VALUE / unitMillis ? NOT_POSITIVE : value * unitMillis;
    }

    private static void append(String ascii, OutBuffer out) {
        out.append("$" + ascii.length() + "\r\n" + ascii + "\r\n");
    }

    private static void append(Request request, int argument, OutBuffer out) {
        int length = request.length(argument);
        out.append("$" + length + "\r\n");
        out.append(request.buffer(), request.index(argument), length);
        out.append("\r\n");
    }
}
