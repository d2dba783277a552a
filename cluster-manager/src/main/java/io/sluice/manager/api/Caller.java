package io.sluice.manager.api;

/**
 * Who asks, as the history tells it.
 *
 * @param token the name of the token; empty if none was shown
 * @param address where from
 */
record Caller(String token, String address) {

    private static final int MAX_USER_CHARACTERS = 64;

    /** @param user who he says he is; may be empty */
    String as(String user) {
        StringBuilder name = new StringBuilder();
        user.codePoints()
                .filter(c -> c > ' ' && c != 0x7f && !Character.isISOControl(c))
                .limit(MAX_USER_CHARACTERS)
                .forEach(name::appendCodePoint);
        String who = name.isEmpty() ? "somebody" : name.toString();
        return who + (token.isEmpty() ? "" : " (token " + token + ")") + " from " + address;
    }
}
