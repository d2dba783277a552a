package io.sluice.routing.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** How problems quote what the file says, and guess what was meant. */
public final class Words {
    /** Longer texts are cut when quoted. */
    static final int MAX_QUOTED = 60;
    /** Longer words are not compared with others. */
    private static final int MAX_COMPARED = 40;

    private Words() {}

    /** In single quotes, cut, and without control characters, so that a problem stays on its line. */
    public static String quoted(String text) {
        boolean whole = text.codePointCount(0, text.length()) <= MAX_QUOTED;
        String shown = whole ? text : text.substring(0, text.offsetByCodePoints(0, MAX_QUOTED)) + "...";
        return "'" + printable(shown) + "'";
    }

    static String printable(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (Character.isISOControl(c) || c == 0x2028 || c == 0x2029) {
                out.append(String.format("\\u%04x", c));
            } else {
                out.appendCodePoint(c);
            }
        });
        return out.toString();
    }

    /** {@code ; did you mean 'x'?}, or nothing if no word is near. */
    public static String didYouMean(String found, Collection<String> words) {
        return nearest(found, words)
                .map(word -> "; did you mean '" + printable(word) + "'?")
                .orElse("");
    }

    /** The word that takes the fewest edits, if they are few for its length. */
    static Optional<String> nearest(String found, Collection<String> words) {
        if (found.length() > MAX_COMPARED) {
            return Optional.empty();
        }
        return words.stream()
                .filter(word -> edits(found, word) <= Math.max(1, word.length() / 3))
                .min(Comparator.<String>comparingInt(word -> edits(found, word))
                        .thenComparingInt(word -> -commonPrefix(found, word)));
    }

    static String oneOf(List<String> words) {
        return words.size() == 1 ? words.get(0) : "one of " + String.join(", ", words);
    }

    /** Levenshtein's distance, with a swap of neighbours counted as one edit; case costs nothing. */
    private static int edits(String from, String to) {
        int[] beforeLast = new int[to.length() + 1];
        int[] last = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int[] row = new int[to.length() + 1];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = last[j - 1] + (same(from, i - 1, to, j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, Math.min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && same(from, i - 1, to, j - 2) && same(from, i - 2, to, j - 1)) {
                    row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
                }
            }
            beforeLast = last;
            last = row;
        }
        return last[to.length()];
    }

    private static int commonPrefix(String a, String b) {
        int length = 0;
        while (length < a.length() && length < b.length() && same(a, length, b, length)) {
            length++;
        }
        return length;
    }

    private static boolean same(String a, int i, String b, int j) {
        return Character.toLowerCase(a.charAt(i)) == Character.toLowerCase(b.charAt(j));
    }
}
