package io.sluice.proxy.command;

/**
 * One option of a command that takes keys among its options.
 *
 * @param name in lower case
 * @param values how many arguments belong to it, so that they are not taken for options themselves
 * @param namesKey whether its first value is a key
 */
public record KeyOption(String name, int values, boolean namesKey) {

    /** An option whose value is a key: {@code STORE destination}. */
    public static KeyOption key(String name) {
        return new KeyOption(name, 1, true);
    }

    /** An option with {@code values} arguments, none of them a key. */
    public static KeyOption other(String name, int values) {
        return new KeyOption(name, values, false);
    }
}
