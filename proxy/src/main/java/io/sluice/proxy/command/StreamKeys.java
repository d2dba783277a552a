package io.sluice.proxy.command;

/**
 * The streams of XREAD and XREADGROUP. The options before STREAMS are walked as the server walks them, so that a
 * consumer named "streams" or "block" is not taken for the word.
 *
 * <pre>
 *   XREADGROUP GROUP group consumer COUNT 10 BLOCK 0 STREAMS key key id id
 *                                                            └─────┘ half of the rest
 * </pre>
 */
final class StreamKeys extends KeyLocator {
    static final StreamKeys INSTANCE = new StreamKeys();

    private StreamKeys() {
        super(0, 0, 0, false);
    }

    @Override
    public int locate(Arguments arguments, int[] into) {
        int streams = skipOptions(arguments, false);
        int rest = arguments.count() - streams - 1;
        if (streams == arguments.count() || rest == 0) {
            return SYNTAX;
        }
        if (rest % 2 != 0) {
            return UNBALANCED_STREAMS;
        }
        int keys = rest / 2;
        for (int i = 0; i < keys; i++) {
            into[i] = streams + 1 + i;
        }
        return keys;
    }

    @Override
    boolean blocks(Arguments arguments) {
        int option = skipOptions(arguments, true);
        return option < arguments.count() && AsciiCase.matches(arguments, option, "block");
    }

    /** Where STREAMS stands, or, if asked, BLOCK before it; the number of arguments if neither is there. */
    private static int skipOptions(Arguments arguments, boolean stopAtBlock) {
        int index = 1;
        while (index < arguments.count() && !AsciiCase.matches(arguments, index, "streams")) {
            if (stopAtBlock && AsciiCase.matches(arguments, index, "block")) {
                return index;
            }
            int length = lengthOfOption(arguments, index);
            if (length == 0) {
                return arguments.count();
            }
            index += length;
        }
        return Math.min(index, arguments.count());
    }

    /** How many arguments the option at {@code index} takes with its values; 0 if it is none. */
    private static int lengthOfOption(Arguments arguments, int index) {
        if (AsciiCase.matches(arguments, index, "count") || AsciiCase.matches(arguments, index, "block")) {
            return 2;
        }
        if (AsciiCase.matches(arguments, index, "group")) {
            return 3;
        }
        return AsciiCase.matches(arguments, index, "noack") ? 1 : 0;
    }
}
