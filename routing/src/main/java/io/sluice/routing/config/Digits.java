package io.sluice.routing.config;

import java.util.OptionalLong;

/** Whole numbers as configuration files write them: ASCII digits; leading zeros mean nothing. */
final class Digits {
    /** Every number above this reads as this: too large for anything. */
    static final long MAX = 1L << 42;

    private Digits() {}

    static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /** Empty unless the text is digits and nothing else. */
    static OptionalLong parse(String text) {
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        long number = 0;
        for (int i = 0; i < text.length(); i++) {
            if (!isDigit(text.charAt(i))) {
                return OptionalLong.empty();
            }
            number = Math.min(MAX, number * 10 + (text.charAt(i) - '0'));
        }
        return OptionalLong.of(number);
    }
}
