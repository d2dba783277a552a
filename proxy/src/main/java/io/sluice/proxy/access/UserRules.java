package io.sluice.proxy.access;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One user's rules, applied from left to right as Redis' ACLSetUser does. A new user is off, has no password and may
 * do nothing.
 */
public final class UserRules {
    static final int MAX_SELECTORS = 16;

    private final String name;
    private final CommandGroups groups;
    private final Set<PasswordHash> passwords = new LinkedHashSet<>();
    private final List<SelectorRules> inParentheses = new ArrayList<>();
    private SelectorRules own;
    private boolean enabled;
    private boolean needsNoPassword;

    public UserRules(String name, CommandGroups groups) {
        this.name = name;
        this.groups = groups;
        this.own = new SelectorRules(groups);
    }

    /** Returns what is wrong, without the rule itself, which may be a password; or null. */
    public @Nullable String apply(String rule) {
        switch (rule.toLowerCase(Locale.ROOT)) {
            case "on" -> enabled = true;
            case "off" -> enabled = false;
            case "nopass" -> {
                needsNoPassword = true;
                passwords.clear();
            }
            case "resetpass" -> {
                needsNoPassword = false;
                passwords.clear();
            }
            case "clearselectors" -> inParentheses.clear();
            case "reset" -> reset();
            case "sanitize-payload", "skip-sanitize-payload" -> {
                // what RESTORE brings is looked at by the servers, by their own settings
            }
            default -> {
                return applyNaming(rule);
            }
        }
        return null;
    }

    private void reset() {
        enabled = false;
        needsNoPassword = false;
        passwords.clear();
        inParentheses.clear();
        own = new SelectorRules(groups);
    }

    private @Nullable String applyNaming(String rule) {
        return switch (rule.isEmpty() ? ' ' : rule.charAt(0)) {
            case '>' -> add(Optional.of(PasswordHash.of(rule.substring(1))));
            case '#' -> add(PasswordHash.parse(rule.substring(1)));
            case '<' -> remove(Optional.of(PasswordHash.of(rule.substring(1))));
            case '!' -> remove(PasswordHash.parse(rule.substring(1)));
            case '(' -> selector(rule);
            default -> own.apply(rule);
        };
    }

    private @Nullable String add(Optional<PasswordHash> password) {
        if (password.isEmpty()) {
            return "a password hash has exactly 64 digits, of which letters are small";
        }
        passwords.add(password.get());
        needsNoPassword = false;
        return null;
    }

    private @Nullable String remove(Optional<PasswordHash> password) {
        if (password.isEmpty()) {
            return "a password hash has exactly 64 digits, of which letters are small";
        }
        return passwords.remove(password.get()) ? null : "the user has no such password";
    }

    /** {@code (+@write ~queue:*)}. */
    private @Nullable String selector(String rule) {
        if (!rule.endsWith(")")) {
            return "a parenthesis that is not closed";
        }
        if (inParentheses.size() == MAX_SELECTORS) {
            return "more than " + MAX_SELECTORS + " pairs of parentheses";
        }
        SelectorRules selector = new SelectorRules(groups);
        for (String inner : rule.substring(1, rule.length() - 1).split(" ", -1)) {
            String problem = inner.isEmpty() ? null : selector.apply(inner);
            if (problem != null) {
                return "in parentheses: " + (UserText.mayBeShown(inner) ? "'" + inner + "': " : "") + problem;
            }
        }
        inParentheses.add(selector);
        return null;
    }

    public User toUser() {
        List<Selector> selectors = new ArrayList<>();
        selectors.add(own.toSelector());
        inParentheses.forEach(selector -> selectors.add(selector.toSelector()));
        return new User(name, enabled, needsNoPassword, List.copyOf(passwords), selectors);
    }
}
