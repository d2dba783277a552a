package io.sluice.proxy.access;

import io.sluice.proxy.command.Arguments;
import io.sluice.proxy.command.Command;

/** Finds in a SORT what lets it read keys it does not name, walking its options as Redis' sort.c does. */
final class SortPatterns {
    private static final int FIRST_OPTION = 2;

    private SortPatterns() {}

    /** {@link Verdict#SORT_BY}, {@link Verdict#SORT_GET}, or {@link Verdict#ALLOWED} if there is nothing of the kind. */
    static int firstIn(Command command, Arguments arguments) {
        if (!command.name().equals("sort") && !command.name().equals("sort_ro")) {
            return Verdict.ALLOWED;
        }
        for (int i = FIRST_OPTION; i < arguments.count(); i++) {
            boolean hasValue = i + 1 < arguments.count();
            if (Selector.isWord(arguments, i, "limit")) {
                i += 2;
            } else if (Selector.isWord(arguments, i, "store")) {
                i++;
            } else if (hasValue && Selector.isWord(arguments, i, "get")) {
                return Verdict.SORT_GET;
            } else if (hasValue && Selector.isWord(arguments, i, "by")) {
                i++;
                if (hasStar(arguments, i)) {
                    return Verdict.SORT_BY;
                }
            }
        }
        return Verdict.ALLOWED;
    }

    private static boolean hasStar(Arguments arguments, int argument) {
        for (int i = 0; i < arguments.length(argument); i++) {
            if (arguments.byteAt(argument, i) == '*') {
                return true;
            }
        }
        return false;
    }
}
