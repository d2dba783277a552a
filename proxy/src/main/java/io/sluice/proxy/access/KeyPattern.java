package io.sluice.proxy.access;

import io.sluice.proxy.command.Arguments;
import io.sluice.proxy.command.KeyUse;
import java.nio.charset.StandardCharsets;

/** The keys of one rule, {@code ~cache:*} or {@code %R~cache:*}, and what may be done with them. Immutable. */
final class KeyPattern {
    /** A longer one would make the check of a long key a matter of milliseconds. */
    static final int MAX_BYTES = 256;

    private final String text;
    private final byte[] glob;
    private final int uses;

    /** @param uses bits of {@link KeyUse} */
    KeyPattern(String text, int uses) {
        this.text = text;
        this.glob = text.getBytes(StandardCharsets.UTF_8);
        this.uses = uses;
    }

    KeyPattern with(int moreUses) {
        return new KeyPattern(text, uses | moreUses);
    }

    boolean allows(int use, Arguments arguments, int key) {
        return (uses & use) == use && Glob.matches(glob, arguments, key);
    }

    boolean readsEverything() {
        return (uses & KeyUse.READ) != 0 && text.equals("*");
    }

    /** As a rule. */
    @Override
    public String toString() {
        return switch (uses) {
            case KeyUse.READ -> "%R~" + text;
            case KeyUse.WRITE -> "%W~" + text;
            default -> "~" + text;
        };
    }
}
