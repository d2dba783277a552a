package io.sluice.proxy.access;

import io.sluice.proxy.command.Arguments;
import io.sluice.proxy.command.Command;
import java.util.ArrayList;
import java.util.List;

/** Somebody who may log in, and what he may do then. Immutable. */
public final class User {
    private final String name;
    private final boolean enabled;
    private final boolean needsNoPassword;
    private final List<PasswordHash> passwords;
    private final List<Selector> selectors; // the first one is the user's own, the others stand in parentheses
    private final boolean unrestricted;

    User(
            String name,
            boolean enabled,
            boolean needsNoPassword,
            List<PasswordHash> passwords,
            List<Selector> selectors) {
        this.name = name;
        this.enabled = enabled;
        this.needsNoPassword = needsNoPassword;
        this.passwords = List.copyOf(passwords);
        this.selectors = List.copyOf(selectors);
        this.unrestricted = selectors.stream().anyMatch(Selector::isUnrestricted);
    }

    public String name() {
        return name;
    }

    public boolean isEnabled() {
        return enabled;
    }

    public boolean needsNoPassword() {
        return needsNoPassword;
    }

    /** Whether he may run every command with every key, so that nothing has to be asked. */
    public boolean isUnrestricted() {
        return unrestricted;
    }

    /** All passwords are compared, whichever matches. */
    boolean isPassword(PasswordHash given) {
        boolean matches = false;
        for (PasswordHash password : passwords) {
            matches |= password.matches(given);
        }
        return needsNoPassword || matches;
    }

    /** Whether anything could be his password. */
    public boolean canLogIn() {
        return enabled && (needsNoPassword || !passwords.isEmpty());
    }

    /**
     * Whether he may send this request. Of several selectors that say no, the error is that of the one that came
     * farthest, as in Redis.
     *
     * @param keys has room for as many numbers as there are arguments; its content afterwards means nothing
     * @return a {@link Verdict}, or the argument that is a key out of bounds
     */
    public int verdict(Command command, Arguments arguments, int[] keys) {
        int worst = Verdict.COMMAND;
        for (int i = 0; i < selectors.size(); i++) {
            int verdict = selectors.get(i).verdict(command, arguments, keys);
            if (verdict == Verdict.ALLOWED) {
                return sortVerdict(command, arguments, keys);
            }
            worst = farther(worst, verdict);
        }
        return worst;
    }

    /** A key is farther than a command, a later key farther than an earlier one; a script only lacks the word. */
    private static int farther(int one, int other) {
        if (one == Verdict.SCRIPT || other == Verdict.SCRIPT) {
            return Verdict.SCRIPT;
        }
        return Math.max(one, other);
    }

    /** SORT reads keys of any name by BY and GET; for that it takes a selector that reads them all. */
    private int sortVerdict(Command command, Arguments arguments, int[] keys) {
        int needed = SortPatterns.firstIn(command, arguments);
        if (needed == Verdict.ALLOWED) {
            return Verdict.ALLOWED;
        }
        for (Selector selector : selectors) {
            if (selector.readsEveryKey() && selector.verdict(command, arguments, keys) == Verdict.ALLOWED) {
                return Verdict.ALLOWED;
            }
        }
        return needed;
    }

    /** Whether he may use the channels that a request for messages, or with one, names. */
    public boolean allowsChannels(Command command, Arguments arguments) {
        return selectors.stream().anyMatch(selector -> selector.allowsChannels(command, arguments));
    }

    public List<PasswordHash> passwords() {
        return passwords;
    }

    /** His own rules, then those in parentheses. */
    public List<Selector> selectors() {
        return selectors;
    }

    /** A line of ACL LIST; passwords as hashes. */
    public String toRules() {
        List<String> words = new ArrayList<>(List.of("user", name, enabled ? "on" : "off"));
        if (needsNoPassword) {
            words.add("nopass");
        }
        passwords.forEach(password -> words.add("#" + password.hex()));
        words.add(selectors.get(0).toString());
        selectors.stream().skip(1).forEach(selector -> words.add("(" + selector + ")"));
        return String.join(" ", words);
    }

    /** Whether both have the same rules, written in the same order. */
    @Override
    public boolean equals(Object other) {
        return other instanceof User user && toRules().equals(user.toRules());
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    /** The name only: the rest concerns nobody who reads logs. */
    @Override
    public String toString() {
        return name;
    }
}
