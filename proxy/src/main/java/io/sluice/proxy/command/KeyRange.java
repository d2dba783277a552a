package io.sluice.proxy.command;

/** Keys at fixed distances: {@code MGET key key}, {@code MSET key value key value}. */
final class KeyRange extends KeyLocator {
    static final KeyRange NONE = new KeyRange(0, 0, 0);

    KeyRange(int first, int last, int step) {
        super(first, last, step, true);
    }

    @Override
    public int locate(Arguments arguments, int[] into) {
        if (isNone()) {
            return 0;
        }
        int end = last() < 0 ? arguments.count() + last() : last();
        if (end >= arguments.count() || isUneven(end)) {
            return WRONG_NUMBER_OF_ARGUMENTS;
        }
        int keys = 0;
        for (int index = first(); index <= end; index += step()) {
            into[keys++] = index;
        }
        return keys;
    }

    private boolean isUneven(int end) {
        return step() > 1 && (end - first() + 1) % step() != 0;
    }
}
