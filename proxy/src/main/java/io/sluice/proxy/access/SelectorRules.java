package io.sluice.proxy.access;

import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.KeyUse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Rules of one selector, applied from left to right as Redis' ACLSetSelector does. What is wrong is told in Redis'
 * words.
 *
 * <p>One thing differs from Redis. There a script may do no more than the user who runs it. Behind the proxy it runs
 * with the proxy's own rights, so a user who has limits may run scripts only where a rule names them: {@code +eval},
 * {@code +@scripting}.
 */
final class SelectorRules {
    private static final String UNKNOWN_COMMAND = "unknown command or category";
    private static final String SYNTAX = "syntax error";
    private static final String SCRIPTS = "scripting";

    private final CommandGroups groups;
    private final BitSet allowed = new BitSet();
    private final BitSet named = new BitSet(); // allowed by a rule for the command itself or for @scripting
    private final Map<Integer, Set<String>> firstArguments = new HashMap<>();
    private final Map<String, KeyPattern> patterns = new LinkedHashMap<>();
    private final Set<String> channels = new LinkedHashSet<>();
    private final List<String> commandRules = new ArrayList<>(List.of("-@all"));
    private boolean allCommands;
    private boolean allKeys;
    private boolean allChannels;

    SelectorRules(CommandGroups groups) {
        this.groups = groups;
    }

    /** Returns what is wrong, or null. */
    @Nullable String apply(String rule) {
        switch (rule.toLowerCase(Locale.ROOT)) {
            case "allkeys", "~*" -> {
                allKeys = true;
                patterns.clear();
            }
            case "resetkeys" -> {
                allKeys = false;
                patterns.clear();
            }
            case "allchannels", "&*" -> {
                allChannels = true;
                channels.clear();
            }
            case "resetchannels" -> {
                allChannels = false;
                channels.clear();
            }
            case "allcommands", "+@all" -> everyCommand(true);
            case "nocommands", "-@all" -> everyCommand(false);
            default -> {
                return applyNaming(rule);
            }
        }
        return null;
    }

    private @Nullable String applyNaming(String rule) {
        if (rule.startsWith("+@") || rule.startsWith("-@")) {
            return category(rule);
        }
        return switch (rule.isEmpty() ? ' ' : rule.charAt(0)) {
            case '~' -> pattern(rule.substring(1), KeyUse.READ | KeyUse.WRITE);
            case '%' -> patternWithUses(rule);
            case '&' -> channel(rule);
            case '+' -> plus(rule);
            case '-' -> minus(rule);
            default -> SYNTAX;
        };
    }

    // ---- commands

    private void everyCommand(boolean allow) {
        allCommands = allow;
        allowed.clear();
        named.clear();
        if (allow) {
            groups.all().forEach(command -> allowed.set(command.id()));
        }
        firstArguments.clear();
        commandRules.clear();
        commandRules.add(allow ? "+@all" : "-@all");
    }

    private @Nullable String category(String rule) {
        List<Command> commands = groups.inCategory(rule.substring(2));
        if (commands == null) {
            return UNKNOWN_COMMAND;
        }
        boolean allow = rule.charAt(0) == '+';
        boolean scripts = rule.substring(2).equalsIgnoreCase(SCRIPTS);
        commands.forEach(command -> set(command, allow, scripts));
        remember(rule);
        return null;
    }

    private @Nullable String plus(String rule) {
        int bar = rule.indexOf('|');
        if (bar < 0) {
            return single(rule, true);
        }
        Command container = groups.named(rule.substring(1, bar));
        String subcommand = rule.substring(bar + 1);
        if (container == null) {
            return UNKNOWN_COMMAND;
        } else if (subcommand.isEmpty()) {
            return SYNTAX;
        } else if (!groups.subcommandsOf(container).isEmpty()) {
            return subcommand.indexOf('|') < 0
                    ? single(rule, true)
                    : "allowing the first argument of a subcommand is not supported";
        }
        firstArguments.computeIfAbsent(container.id(), id -> new TreeSet<>()).add(subcommand.toLowerCase(Locale.ROOT));
        remember(rule);
        return null;
    }

    private @Nullable String minus(String rule) {
        return single(rule, false);
    }

    private @Nullable String single(String rule, boolean allow) {
        Command command = groups.named(rule.substring(1));
        if (command == null) {
            return UNKNOWN_COMMAND;
        }
        set(command, allow, true);
        remember(rule);
        return null;
    }

    /** A container takes its subcommands along. */
    private void set(Command command, boolean allow, boolean byName) {
        allowed.set(command.id(), allow);
        named.set(command.id(), allow && (byName || named.get(command.id())));
        firstArguments.remove(command.id());
        allCommands &= allow;
        groups.subcommandsOf(command).forEach(subcommand -> set(subcommand, allow, byName));
    }

    /** A rule says again all that an earlier one about the same command or category has said. */
    private void remember(String rule) {
        String written = rule.toLowerCase(Locale.ROOT);
        commandRules.removeIf(
                earlier -> earlier.regionMatches(1, written, 1, Math.max(earlier.length(), written.length()) - 1));
        commandRules.add(written);
    }

    // ---- keys and channels

    /** {@code %R~...}, {@code %W~...} or {@code %RW~...}. */
    private @Nullable String patternWithUses(String rule) {
        int tilde = rule.indexOf('~');
        if (tilde < 0) {
            return SYNTAX;
        }
        return switch (rule.substring(1, tilde).toUpperCase(Locale.ROOT)) {
            case "R" -> pattern(rule.substring(tilde + 1), KeyUse.READ);
            case "W" -> pattern(rule.substring(tilde + 1), KeyUse.WRITE);
            case "RW", "WR" -> pattern(rule.substring(tilde + 1), KeyUse.READ | KeyUse.WRITE);
            default -> SYNTAX;
        };
    }

    private @Nullable String pattern(String glob, int uses) {
        if (allKeys) {
            return "a pattern after ~* or allkeys has no effect; resetkeys before it begins anew";
        }
        if (glob.getBytes(StandardCharsets.UTF_8).length > KeyPattern.MAX_BYTES) {
            return "a pattern of more than " + KeyPattern.MAX_BYTES + " bytes";
        }
        KeyPattern same = patterns.get(glob);
        patterns.put(glob, same == null ? new KeyPattern(glob, uses) : same.with(uses));
        return null;
    }

    private @Nullable String channel(String rule) {
        if (allChannels) {
            return "a pattern after &* or allchannels has no effect; resetchannels before it begins anew";
        }
        channels.add(rule);
        return null;
    }

    // ---- the result

    Selector toSelector() {
        boolean unrestricted = allCommands && allKeys;
        BitSet commands = (BitSet) allowed.clone();
        BitSet unnamed = unrestricted ? new BitSet() : unnamedScripts();
        commands.andNot(unnamed);
        return new Selector(
                allKeys,
                unrestricted,
                commands,
                unnamed,
                firstArguments,
                List.copyOf(patterns.values()),
                commandRules,
                allChannels ? List.of("&*") : List.copyOf(channels));
    }

    private BitSet unnamedScripts() {
        BitSet scripts = new BitSet();
        for (Command command : groups.all()) {
            if (command.runsScript() && allowed.get(command.id()) && !named.get(command.id())) {
                scripts.set(command.id());
            }
        }
        return scripts;
    }
}
