package io.sluice.proxy.access;

import io.sluice.proxy.command.Arguments;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.KeyLocator;
import io.sluice.proxy.command.KeyUse;
import io.sluice.proxy.command.SessionStep;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One set of rules: which commands, and with which keys. Every user has one, and one more for each pair of parentheses
 * in his rules; a request is allowed if one of them allows all of it. Immutable.
 */
public final class Selector {
    private final boolean allKeys;
    private final boolean unrestricted;
    private final BitSet commands; // by id
    private final BitSet unnamedScripts; // by id
    private final Map<Integer, Set<String>> firstArguments; // by id
    private final List<KeyPattern> patterns;
    private final List<String> commandRules;
    private final List<String> channelRules;
    private final boolean allChannels;
    private final List<byte[]> channelPatterns;

    Selector(
            boolean allKeys,
            boolean unrestricted,
            BitSet commands,
            BitSet unnamedScripts,
            Map<Integer, Set<String>> firstArguments,
            List<KeyPattern> patterns,
            List<String> commandRules,
            List<String> channelRules) {
        this.allKeys = allKeys;
        this.unrestricted = unrestricted;
        this.commands = (BitSet) commands.clone();
        this.unnamedScripts = (BitSet) unnamedScripts.clone();
        this.firstArguments = Map.copyOf(firstArguments);
        this.patterns = List.copyOf(patterns);
        this.commandRules = List.copyOf(commandRules);
        this.channelRules = List.copyOf(channelRules);
        this.allChannels = channelRules.equals(List.of("&*"));
        this.channelPatterns = channelRules.stream()
                .map(rule -> rule.substring(1).getBytes(StandardCharsets.UTF_8))
                .toList();
    }

    boolean isUnrestricted() {
        return unrestricted;
    }

    /** @param keys has room for as many numbers as there are arguments */
    int verdict(Command command, Arguments arguments, int[] keys) {
        boolean allowed = allowsCommand(command, arguments);
        boolean isUnnamedScript = !allowed && unnamedScripts.get(command.id());
        if (!allowed && !isUnnamedScript) {
            return Verdict.COMMAND;
        }
        int verdict = allKeys ? Verdict.ALLOWED : firstDeniedKey(command, arguments, keys);
        return isUnnamedScript && verdict == Verdict.ALLOWED ? Verdict.SCRIPT : verdict;
    }

    private boolean allowsCommand(Command command, Arguments arguments) {
        return commands.get(command.id())
                || command.isForEverybody()
                || (!firstArguments.isEmpty() && allowsFirstArgument(command, arguments));
    }

    private boolean allowsFirstArgument(Command command, Arguments arguments) {
        Set<String> allowed = firstArguments.get(command.id());
        return allowed != null
                && arguments.count() > 1
                && allowed.stream().anyMatch(word -> isWord(arguments, 1, word));
    }

    static boolean isWord(Arguments arguments, int argument, String lowerCase) {
        boolean same = arguments.length(argument) == lowerCase.length();
        for (int i = 0; same && i < lowerCase.length(); i++) {
            same = Character.toLowerCase((char) (arguments.byteAt(argument, i) & 0xFF)) == lowerCase.charAt(i);
        }
        return same;
    }

    /** Arguments that do not say where the keys are name none; whoever carries the request out refuses them. */
    private int firstDeniedKey(Command command, Arguments arguments, int[] keys) {
        KeyLocator locator = command.keys();
        KeyUse use = command.keyUse();
        if (locator.isSingle()) {
            int key = locator.singleIndex();
            return allowsKey(use.ofFirst(arguments), arguments, key) ? Verdict.ALLOWED : key;
        }
        int count = locator.locate(arguments, keys);
        for (int i = 0; i < count; i++) {
            int needed = i == 0 ? use.ofFirst(arguments) : use.ofOthers();
            if (!allowsKey(needed, arguments, keys[i])) {
                return keys[i];
            }
        }
        return Verdict.ALLOWED;
    }

    private boolean allowsKey(int use, Arguments arguments, int key) {
        for (int i = 0; i < patterns.size(); i++) { // without an iterator: this is the request path
            if (patterns.get(i).allows(use, arguments, key)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the command, and with it each channel that it names. A pattern is only allowed as it stands in a rule. */
    boolean allowsChannels(Command command, Arguments arguments) {
        if (!allowsCommand(command, arguments)) {
            return false;
        }
        boolean ofPatterns = command.name().startsWith("psub");
        int end = command.step() == SessionStep.PUBLISH ? 2 : arguments.count();
        for (int i = 1; i < end && !allChannels; i++) {
            if (!allowsChannel(arguments, i, ofPatterns)) {
                return false;
            }
        }
        return true;
    }

    private boolean allowsChannel(Arguments arguments, int argument, boolean isPattern) {
        for (byte[] pattern : channelPatterns) {
            if (isPattern ? isSame(pattern, arguments, argument) : Glob.matches(pattern, arguments, argument)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isSame(byte[] text, Arguments arguments, int argument) {
        boolean same = text.length == arguments.length(argument);
        for (int i = 0; same && i < text.length; i++) {
            same = text[i] == arguments.byteAt(argument, i);
        }
        return same;
    }

    boolean readsEveryKey() {
        return allKeys || patterns.stream().anyMatch(KeyPattern::readsEverything);
    }

    // ---- as rules

    /** {@code -@all +@read -keys}. */
    public String commandRules() {
        return String.join(" ", commandRules);
    }

    /** {@code ~cache:* %R~other}; empty for no key. */
    public String keyRules() {
        return allKeys
                ? "~*"
                : String.join(" ", patterns.stream().map(KeyPattern::toString).toList());
    }

    /** {@code &news}; empty for no channel. */
    public String channelRules() {
        return String.join(" ", channelRules);
    }

    /** All of it, in the order in which ACL LIST shows it. */
    @Override
    public String toString() {
        List<String> rules = new ArrayList<>();
        if (!keyRules().isEmpty()) {
            rules.add(keyRules());
        }
        if (!channelRules.equals(List.of("&*"))) {
            rules.add("resetchannels");
        }
        rules.addAll(channelRules);
        rules.addAll(commandRules);
        return String.join(" ", rules);
    }
}
