package io.sluice.proxy.protocol.memcache;

import io.sluice.proxy.command.Arguments;

/** Numbers as memcached reads them, but none that only some versions of it take. */
final class TextNumbers {

    static final long NONE = -1;

    private static final int MAX_DIGITS = 18; // more could overflow
    private static final String MAX_UNSIGNED = "18446744073709551615";

    private TextNumbers() {}

    /** A decimal number without sign, or NONE. */
    static long unsigned(Arguments arguments, int argument) {
        return digits(arguments, argument, 0);
    }

    /** Whether it is a number of 32 bits without sign: the flags of a value. */
    static boolean isUnsigned32(Arguments arguments, int argument) {
        long value = digits(arguments, argument, 0);
        return value != NONE && value <= 0xFFFF_FFFFL;
    }

    /** Whether it is a number of 32 bits: an expiration time, of which a negative one is over. */
    static boolean isSigned32(Arguments arguments, int argument) {
        boolean negative = arguments.length(argument) > 0 && arguments.byteAt(argument, 0) == '-';
        long value = digits(arguments, argument, negative ? 1 : 0);
        return value != NONE && value <= (negative ? 1L << 31 : (1L << 31) - 1);
    }

    /** Whether it is a number of 64 bits without sign: what {@code gets} tells. */
    static boolean isUnsigned64(Arguments arguments, int argument) {
        int length = arguments.length(argument);
        if (length == 0 || length > MAX_UNSIGNED.length()) {
            return false;
        }
        int order = 0; // how it compares with the largest
        for (int i = 0; i < length; i++) {
            byte digit = arguments.byteAt(argument, i);
            if (digit < '0' || digit > '9') {
                return false;
            }
            order = order != 0 ? order : digit - MAX_UNSIGNED.charAt(i);
        }
        return length < MAX_UNSIGNED.length() || order <= 0;
    }

    private static long digits(Arguments arguments, int argument, int from) {
        int length = arguments.length(argument);
        if (from == length || length - from > MAX_DIGITS) {
            return NONE;
        }
        long value = 0;
        for (int i = from; i < length; i++) {
            byte digit = arguments.byteAt(argument, i);
            if (digit < '0' || digit > '9') {
                return NONE;
            }
            value = value * 10 + (digit - '0');
        }
        return value;
    }
}
