package io.sluice.proxy.access;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A user as configuration files have him: {@code app on >secret ~cache:* +@read}. */
public final class UserText {
    /** Rules of one user. */
    static final int MAX_RULES = 1024;

    private static final String EXPECTED = "expected on, off, >password, #hash, nopass, ~pattern, %R~pattern, +command,"
            + " -command, +@category, -@category or another rule of Redis' ACL SETUSER";

    private UserText() {}

    /** The user, or empty if anything is wrong with him; then {@code problems} hears all of it. */
    public static Optional<User> parse(String text, CommandGroups groups, Consumer<String> problems) {
        List<String> words = words(text);
        if (words.isEmpty()) {
            problems.accept("nothing stands here; expected the name of a user and his rules");
            return Optional.empty();
        }
        if (words.size() - 1 > MAX_RULES) {
            problems.accept((words.size() - 1) + " rules; expected at most " + MAX_RULES);
            return Optional.empty();
        }
        List<String> found = new ArrayList<>();
        UserRules rules = new UserRules(words.get(0), groups);
        for (int i = 1; i < words.size(); i++) {
            String problem = problemOf(words.get(i), rules);
            if (problem != null) {
                found.add(described(words, i) + ": " + problem + (isRuleLike(words.get(i)) ? "" : "; " + EXPECTED));
            }
        }
        User user = rules.toUser();
        if (found.isEmpty() && user.isEnabled() && !user.canLogIn()) {
            found.add("user '" + user.name() + "' is on and has no password, so nobody can log in; expected >password,"
                    + " #hash or nopass (in YAML, a text in which a word begins with # must stand in quotes)");
        }
        found.forEach(problems);
        return found.isEmpty() ? Optional.of(user) : Optional.empty();
    }

    private static @Nullable String problemOf(String rule, UserRules rules) {
        if (rule.equals(">") || rule.equals("<")) {
            return "a password is missing; it follows without a space";
        }
        return rules.apply(rule);
    }

    /** A word that may be a password, by mistake or not, is counted and not quoted. */
    private static String described(List<String> words, int index) {
        String word = words.get(index);
        String which = mayBeShown(word) ? "rule '" + word + "'" : "rule " + index;
        boolean copied = words.get(0).equals("user") && index == 1;
        return which + " of user '" + words.get(0) + "'" + (copied ? " (leave out the word 'user')" : "");
    }

    /** Whether nothing in it looks like a password, or like a word that somebody forgot to mark as one. */
    static boolean mayBeShown(String word) {
        String inner = word.startsWith("(") ? word.substring(1) : word;
        return Arrays.stream(inner.split(" ", -1))
                .allMatch(rule -> rule.isEmpty() || "+-~%&@)".indexOf(rule.charAt(0)) >= 0);
    }

    private static boolean isRuleLike(String word) {
        return "+-~%&@(><#!".indexOf(word.charAt(0)) >= 0;
    }

    /** Words between spaces; what stands in parentheses is one word. */
    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        StringBuilder open = new StringBuilder();
        for (String word : text.trim().split("\\s+", -1)) {
            if (word.isEmpty()) {
                continue;
            }
            if (open.isEmpty() && !(word.startsWith("(") && !word.endsWith(")"))) {
                words.add(word);
                continue;
            }
            open.append(open.isEmpty() ? "" : " ").append(word);
            if (word.endsWith(")")) {
                words.add(open.toString());
                open.setLength(0);
            }
        }
        if (!open.isEmpty()) {
            words.add(open.toString());
        }
        return words;
    }
}
