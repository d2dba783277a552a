package io.sluice.proxy.command;

/** Case-insensitive comparison of names, exactly for A to Z and for no other byte. */
final class AsciiCase {
    private static final long EACH_BYTE = 0x0101010101010101L;
    private static final long LOW_SEVEN_BITS = 0x7F7F7F7F7F7F7F7FL;
    private static final long HIGH_BIT = 0x8080808080808080L;

    private AsciiCase() {}

    /**
     * The eight bytes of {@code word} with A to Z made lower case.
     *
     * <p>Adding 0x80 - c to the low seven bits of a byte sets its high bit if they are c or more; so the high bits of
     * the two sums differ where the byte is a capital letter. A right shift by two turns that bit (0x80) into the one
     * that makes it lower case (0x20).
     */
    static long fold(long word) {
        long lowBits = word & LOW_SEVEN_BITS;
        long fromA = lowBits + (0x80 - 'A') * EACH_BYTE;
        long pastZ = lowBits + (0x80 - ('Z' + 1)) * EACH_BYTE;
        long capitals = (fromA ^ pastZ) & ~word & HIGH_BIT;
        return word | (capitals >>> 2);
    }

    /** Whether {@code argument} is {@code lowerCase}, in any case. */
    static boolean matches(Arguments arguments, int argument, String lowerCase) {
        return arguments.length(argument) == lowerCase.length() && matchesFrom(arguments, argument, lowerCase, 0);
    }

    /** Whether two names of equal length are the same from {@code position} on, in any case. */
    static boolean matchesFrom(Arguments arguments, int argument, String lowerCase, int position) {
        for (int i = position; i < lowerCase.length(); i++) {
            if (fold(arguments.byteAt(argument, i) & 0xFF) != lowerCase.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
