package io.sluice.proxy.command;

/**
 * Keys whose number is an argument.
 *
 * <pre>
 *   EVAL script 2 key key arg ...          ZUNIONSTORE destination 2 key key WEIGHTS ...
 *               │ └─────┘                              │           │ └─────┘
 *          countIndex                             destination  countIndex
 * </pre>
 *
 * <p>No keys at all is not malformed: what that means is for each command to say.
 */
final class CountedKeys extends KeyLocator {
    private static final int MAX_DIGITS = 9; // fits an int, and no request has as many arguments

    private final int destination;
    private final int countIndex;

    /** A {@code destination} of 0 stands for none. */
    CountedKeys(int destination, int countIndex) {
        super(destination, destination, destination == 0 ? 0 : 1, false);
        this.destination = destination;
        this.countIndex = countIndex;
    }

    @Override
    public int locate(Arguments arguments, int[] into) {
        if (countIndex >= arguments.count()) {
            return WRONG_NUMBER_OF_ARGUMENTS;
        }
        int counted = count(arguments);
        if (counted < 0) {
            return counted;
        }
        int keys = 0;
        if (destination > 0) {
            into[keys++] = destination;
        }
        for (int i = 1; i <= counted; i++) {
            into[keys++] = countIndex + i;
        }
        return keys;
    }

    /** The number at {@code countIndex}, or a negative code. */
    private int count(Arguments arguments) {
        int length = arguments.length(countIndex);
        boolean negative = length > 0 && arguments.byteAt(countIndex, 0) == '-';
        int start = negative ? 1 : 0;
        if (!isInteger(arguments, start, length)) {
            return NOT_AN_INTEGER;
        }
        if (negative) {
            return NEGATIVE_COUNT;
        }
        int value = length > MAX_DIGITS ? Integer.MAX_VALUE : value(arguments, length);
        return value > arguments.count() - countIndex - 1 ? TOO_MANY_KEYS : value;
    }

    /** As strict as the server: digits only, and no zero in front. */
    private boolean isInteger(Arguments arguments, int start, int length) {
        if (length == start) {
            return false;
        }
        boolean leadingZero = arguments.byteAt(countIndex, start) == '0';
        if (leadingZero && length > 1) {
            return false;
        }
        for (int i = start; i < length; i++) {
            byte digit = arguments.byteAt(countIndex, i);
            if (digit < '0' || digit > '9') {
                return false;
            }
        }
        return true;
    }

    private int value(Arguments arguments, int length) {
        int value = 0;
        for (int i = 0; i < length; i++) {
            value = value * 10 + (arguments.byteAt(countIndex, i) - '0');
        }
        return value;
    }
}
