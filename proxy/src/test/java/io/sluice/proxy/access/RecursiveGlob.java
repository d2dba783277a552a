package io.sluice.proxy.access;

/** What stringmatchlen of Redis 7.0 decides, in the way in which it does: trying each end of each star. */
final class RecursiveGlob {
    private final String pattern;
    private final String text;

    private RecursiveGlob(String pattern, String text) {
        this.pattern = pattern;
        this.text = text;
    }

    static boolean matches(String pattern, String text) {
        return new RecursiveGlob(pattern, text).from(0, 0);
    }

    private boolean from(int startPattern, int startText) {
        int p = startPattern;
        int t = startText;
        while (p < pattern.length() && t < text.length()) {
            char element = pattern.charAt(p);
            if (element == '*') {
                return star(p, t);
            } else if (element == '[') {
                int end = set(p + 1, text.charAt(t));
                if (end < 0) {
                    return false;
                }
                p = end;
            } else if (element != '?') {
                if (element == '\\' && p + 1 < pattern.length()) {
                    p++;
                }
                if (pattern.charAt(p) != text.charAt(t)) {
                    return false;
                }
            }
            t++;
            p++;
            if (t == text.length()) {
                while (p < pattern.length() && pattern.charAt(p) == '*') {
                    p++;
                }
                break;
            }
        }
        return p >= pattern.length() && t == text.length();
    }

    private boolean star(int position, int startText) {
        int p = position;
        while (p + 1 < pattern.length() && pattern.charAt(p + 1) == '*') {
            p++;
        }
        if (p + 1 == pattern.length()) {
            return true;
        }
        for (int t = startText; t < text.length(); t++) {
            if (from(p + 1, t)) {
                return true;
            }
        }
        return false;
    }

    /** The last character of the set, or -1 if the set does not have {@code c}. */
    private int set(int position, char c) {
        int p = position;
        boolean not = p < pattern.length() && pattern.charAt(p) == '^';
        if (not) {
            p++;
        }
        boolean found = false;
        while (true) {
            int left = pattern.length() - p;
            if (left >= 2 && pattern.charAt(p) == '\\') {
                p++;
                found |= pattern.charAt(p) == c;
            } else if (left > 0 && pattern.charAt(p) == ']') {
                break;
            } else if (left <= 0) {
                p--;
                break;
            } else if (left >= 3 && pattern.charAt(p + 1) == '-') {
                char one = pattern.charAt(p);
                char other = pattern.charAt(p + 2);
                found |= c >= (char) Math.min(one, other) && c <= (char) Math.max(one, other);
                p += 2;
            } else {
                found |= pattern.charAt(p) == c;
            }
            p++;
        }
        return found == not ? -1 : p;
    }
}
