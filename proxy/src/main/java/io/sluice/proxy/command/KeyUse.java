package io.sluice.proxy.command;

/**
 * What a command does with the values of its keys, for rules that allow reading or writing only. As Redis' key
 * specifications have it: {@code READ} where the user gets to see the value, {@code WRITE} where it is changed; neither
 * for what is about the value only (EXISTS, STRLEN).
 */
public final class KeyUse {
    public static final int NOTHING = 0;
    public static final int READ = 1;
    public static final int WRITE = 2;

    /** Where it depends on the arguments. */
    enum Special {
        NONE,
        /** SET is a read as well with GET. */
        SET_WITH_GET,
        /** BITFIELD does not write if all it does is GET. */
        BITFIELD_GET_ONLY
    }

    private final int first;
    private final int others;
    private final Special special;

    private KeyUse(int first, int others, Special special) {
        this.first = first;
        this.others = others;
        this.special = special;
    }

    /** Each key is used in the same way. */
    public static KeyUse all(int bits) {
        return new KeyUse(bits, bits, Special.NONE);
    }

    public static KeyUse firstAndOthers(int first, int others) {
        return new KeyUse(first, others, Special.NONE);
    }

    public static KeyUse ofSet() {
        return new KeyUse(WRITE, WRITE, Special.SET_WITH_GET);
    }

    public static KeyUse ofBitfield() {
        return new KeyUse(READ | WRITE, READ | WRITE, Special.BITFIELD_GET_ONLY);
    }

    static KeyUse following(Access access) {
        return switch (access) {
            case READ -> all(READ);
            case WRITE -> all(WRITE);
            case ADMIN -> all(NOTHING);
        };
    }

    /** Bits of READ and WRITE for the first key of a request. */
    public int ofFirst(Arguments arguments) {
        return switch (special) {
            case NONE -> first;
            case SET_WITH_GET -> hasGet(arguments) ? READ | WRITE : first;
            case BITFIELD_GET_ONLY -> onlyGets(arguments) ? READ : first;
        };
    }

    /** Bits of READ and WRITE for all keys but the first. */
    public int ofOthers() {
        return others;
    }

    /** {@code SET key value [GET] ...}; as setGetKeys of Redis' db.c. */
    private static boolean hasGet(Arguments arguments) {
        for (int i = 3; i < arguments.count(); i++) {
            if (AsciiCase.matches(arguments, i, "get")) {
                return true;
            }
        }
        return false;
    }

    /** {@code BITFIELD key [GET type offset] ...}; as bitfieldGetKeys of Redis' db.c. */
    private static boolean onlyGets(Arguments arguments) {
        for (int i = 2; i < arguments.count(); i++) {
            boolean hasTwoMore = i + 2 < arguments.count();
            if (hasTwoMore && AsciiCase.matches(arguments, i, "get")) {
                i += 2;
            } else {
                return false;
            }
        }
        return true;
    }
}
