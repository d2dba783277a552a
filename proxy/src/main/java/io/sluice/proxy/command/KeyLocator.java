package io.sluice.proxy.command;

/**
 * Where the keys of a command stand among its arguments; argument 0 is its name.
 *
 * <p>Most commands have one key at a fixed place: {@link #isSingle} and {@link #singleIndex} say so without looking at
 * the request. {@link #locate} answers for all of them.
 */
public abstract sealed class KeyLocator permits KeyRange, CountedKeys, StreamKeys, KeyWithOptions {
    /** The number of keys is not a number. */
    public static final int NOT_AN_INTEGER = -1;
    /** The number of keys is larger than the number of arguments after it. */
    public static final int TOO_MANY_KEYS = -2;
    /** The number of keys is below zero. */
    public static final int NEGATIVE_COUNT = -3;
    /** An option is not known, or has no value. */
    public static final int SYNTAX = -4;
    /** Arguments that must come in groups do not: {@code MSET a 1 b}. */
    public static final int WRONG_NUMBER_OF_ARGUMENTS = -5;
    /** Not as many stream ids as streams. */
    public static final int UNBALANCED_STREAMS = -6;

    private final int first;
    private final int last;
    private final int step;
    private final boolean isRange;
    private final boolean isSingle;

    KeyLocator(int first, int last, int step, boolean isRange) {
        this.first = first;
        this.last = last;
        this.step = step;
        this.isRange = isRange;
        this.isSingle = isRange && first > 0 && first == last;
    }

    /** No keys at all. */
    public static KeyLocator none() {
        return KeyRange.NONE;
    }

    /** One key, always argument {@code index}. */
    public static KeyLocator key(int index) {
        return new KeyRange(index, index, 1);
    }

    /** Each {@code step}-th argument from {@code first} to {@code last}; a negative last counts from the end, -1 is the end. */
    public static KeyLocator range(int first, int last, int step) {
        return new KeyRange(first, last, step);
    }

    /** Argument {@code countIndex} says how many keys follow it (EVAL, ZUNION). */
    public static KeyLocator counted(int countIndex) {
        return new CountedKeys(0, countIndex);
    }

    /** As {@link #counted}, with one more key at {@code destination} (ZUNIONSTORE). */
    public static KeyLocator destinationAndCounted(int destination, int countIndex) {
        return new CountedKeys(destination, countIndex);
    }

    /** The first half of what follows the word STREAMS (XREAD, XREADGROUP). */
    public static KeyLocator streams() {
        return StreamKeys.INSTANCE;
    }

    /** Argument 1 is a key, and options from {@code firstOption} on may name another one (SORT, GEORADIUS). */
    public static KeyLocator keyWithOptions(int firstOption, KeyOption... options) {
        return new KeyWithOptions(firstOption, options);
    }

    /** Whether there is always exactly one key, at {@link #singleIndex}. */
    public final boolean isSingle() {
        return isSingle;
    }

    public final int singleIndex() {
        return first;
    }

    public final boolean isNone() {
        return isRange && first == 0;
    }

    /** Whether {@link #first}, {@link #last} and {@link #step} say all about the keys. */
    public final boolean isRange() {
        return isRange;
    }

    /** The first key, as COMMAND tells it; 0 for none or for "it depends on the arguments". */
    public final int first() {
        return first;
    }

    /** The last key; negative counts from the end of the request. */
    public final int last() {
        return last;
    }

    public final int step() {
        return step;
    }

    /**
     * Writes the argument indexes of the keys, in the order of the request, and returns how many there are; or returns
     * one of the negative codes above if the arguments are malformed.
     *
     * @param into has room for as many numbers as there are arguments
     */
    public abstract int locate(Arguments arguments, int[] into);

    /** Whether these arguments ask the server to wait for data (XREAD BLOCK). */
    boolean blocks(Arguments arguments) {
        return false;
    }
}
