package io.sluice.proxy.testing;

/** What an interface promises, checked so often that an assertion with words for each would be too slow. */
final class Contract {

    private Contract() {}

    static void check(boolean holds, String broken) {
        if (!holds) {
            throw new AssertionError(broken);
        }
    }
}
