package io.sluice.proxy.access;

import io.sluice.proxy.command.Arguments;

/**
 * Redis' patterns for keys: {@code *}, {@code ?}, {@code [a-z]}, {@code [^x]} and {@code \} before a character that is
 * to stand for itself. It decides as stringmatchlen of Redis' util.c does, oddities included (nothing but an empty
 * pattern matches an empty key; a set that is not closed ends with the pattern), yet without recursion: only the last
 * star is ever gone back to, so the steps are bounded by the length of the key times that of the pattern.
 */
final class Glob {
    private static final int NO_MATCH = -1;

    private Glob() {}

    /** Whether the whole argument matches. */
    static boolean matches(byte[] pattern, Arguments arguments, int argument) {
        int length = arguments.length(argument);
        if (length == 0) {
            return pattern.length == 0;
        }
        int position = 0; // in the pattern
        int text = 0; // in the argument
        int star = NO_MATCH; // the last one
        int starText = 0; // as far as that one reaches
        while (text < length) {
            if (position < pattern.length && pattern[position] == '*') {
                star = position++;
                starText = text;
                continue;
            }
            int next = behind(pattern, position, arguments.byteAt(argument, text));
            if (next != NO_MATCH) {
                position = next;
                text++;
            } else if (star != NO_MATCH) {
                position = star + 1;
                text = ++starText;
            } else {
                return false;
            }
        }
        while (position < pattern.length && pattern[position] == '*') {
            position++;
        }
        return position == pattern.length;
    }

    /** Where the pattern goes on behind its element at {@code position}, if that stands for this character. */
    private static int behind(byte[] pattern, int position, byte character) {
        if (position >= pattern.length) {
            return NO_MATCH;
        }
        return switch (pattern[position]) {
            case '?' -> position + 1;
            case '[' -> behindSet(pattern, position + 1, character);
            case '\\' -> {
                int literal = position + 1 < pattern.length ? position + 1 : position;
                yield pattern[literal] == character ? literal + 1 : NO_MATCH;
            }
            default -> pattern[position] == character ? position + 1 : NO_MATCH;
        };
    }

    /** {@code position} is behind the opening bracket. */
    private static int behindSet(byte[] pattern, int position, byte character) {
        int end = pattern.length;
        int at = position;
        boolean negated = at < end && pattern[at] == '^';
        if (negated) {
            at++;
        }
        boolean found = false;
        while (at < end && pattern[at] != ']') {
            if (pattern[at] == '\\' && end - at >= 2) {
                found |= pattern[at + 1] == character;
                at += 2;
            } else if (end - at >= 3 && pattern[at + 1] == '-') {
                found |= isBetween(character, pattern[at], pattern[at + 2]);
                at += 3;
            } else {
                found |= pattern[at] == character;
                at++;
            }
        }
        int behind = Math.min(at + 1, end);
        return found != negated ? behind : NO_MATCH;
    }

    /** Bytes are signed here as they are in the C of Redis' usual platforms. */
    private static boolean isBetween(byte character, byte one, byte other) {
        return character >= Math.min(one, other) && character <= Math.max(one, other);
    }
}
