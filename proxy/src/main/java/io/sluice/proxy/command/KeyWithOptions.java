package io.sluice.proxy.command;

/**
 * A key at argument 1 and at most one more among the options. If an option is given twice the last one counts, as it
 * does for the server.
 *
 * <pre>
 *   SORT key BY pattern LIMIT 0 10 STORE destination
 *        └ key                           └ key
 * </pre>
 */
final class KeyWithOptions extends KeyLocator {
    private static final KeyOption FLAG = KeyOption.other("", 0);

    private final int firstOption;
    private final KeyOption[] options;

    KeyWithOptions(int firstOption, KeyOption... options) {
        super(1, 1, 1, false);
        this.firstOption = firstOption;
        this.options = options.clone();
    }

    @Override
    public int locate(Arguments arguments, int[] into) {
        if (arguments.count() < 2) {
            return WRONG_NUMBER_OF_ARGUMENTS;
        }
        into[0] = 1;
        int stored = keyAmongOptions(arguments);
        if (stored > 0) {
            into[1] = stored;
        }
        return stored > 0 ? 2 : 1;
    }

    /** The argument that is a key, or 0. */
    private int keyAmongOptions(Arguments arguments) {
        int key = 0;
        int index = firstOption;
        while (index < arguments.count()) {
            KeyOption option = optionAt(arguments, index);
            if (option.namesKey() && index + 1 < arguments.count()) {
                key = index + 1;
            }
            index += 1 + option.values();
        }
        return key;
    }

    private KeyOption optionAt(Arguments arguments, int index) {
        for (KeyOption option : options) {
            if (AsciiCase.matches(arguments, index, option.name())) {
                return option;
            }
        }
        return FLAG;
    }
}
