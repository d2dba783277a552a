package io.sluice.proxy.testing;

import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Damages what is valid: text with one char for each byte. */
public final class Mutations {

    /** Around every limit a length can have: of a digit, of what is allowed, of 16, 31, 32, 63 and 64 bits. */
    private static final List<String> NUMBERS = List.of(
            "0",
            "-1",
            "-0",
            "00",
            "+1",
            "1",
            "2",
            "-2",
            "007",
            "1024",
            "1025",
            "65535",
            "65536",
            "1048575",
            "1048577",
            "67108864",
            "67108865",
            "536870912",
            "2147483647",
            "2147483648",
            "-2147483648",
            "4294967295",
            "4294967296",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "18446744073709551616",
            "99999999999999999999999999999999999",
            "1e3",
            "0x10",
            " 1",
            "1 ",
            "");

    private static final Pattern NUMBER = Pattern.compile("-?\\d+");
    private static final int MOST_BLOWS = 4;
    private static final int DEEPEST = 300;
    private static final int LONGEST_COPY = 40;

    private final WireCorpus corpus;
    private final SplittableRandom random;

    public Mutations(WireCorpus corpus, SplittableRandom random) {
        this.corpus = corpus;
        this.random = random;
    }

    /** Any bytes, most of which mean something to the protocol. */
    public String anyBytes(int longest) {
        StringBuilder text = new StringBuilder();
        for (int length = random.nextInt(longest); text.length() < length; ) {
            text.append(random.nextInt(3) == 0 ? String.valueOf((char) random.nextInt(256)) : token());
        }
        return text.toString();
    }

    /** {@code valid} after one to four blows; {@code other} is what it may be spliced with. */
    public String mutated(String valid, String other) {
        String text = valid;
        for (int blows = random.nextInt(1, MOST_BLOWS + 1); blows > 0; blows--) {
            text = struck(text, other);
        }
        return text;
    }

    private String struck(String text, String other) {
        int at = random.nextInt(text.length() + 1);
        int to = Math.min(text.length(), at + random.nextInt(LONGEST_COPY));
        String before = text.substring(0, at);
        String behind = text.substring(at);
        return switch (random.nextInt(9)) {
            case 0 -> flipped(text);
            case 1 -> before + token() + behind;
            case 2 -> before + (char) random.nextInt(256) + behind;
            case 3 -> before + text.substring(to);
            case 4 -> text.substring(0, to) + behind;
            case 5 -> before;
            case 6 -> before + other.substring(random.nextInt(other.length() + 1));
            case 7 -> before + corpus.nesting().repeat(random.nextInt(DEEPEST)) + behind;
            default -> renumbered(text);
        };
    }

    private String token() {
        return corpus.tokens().get(random.nextInt(corpus.tokens().size()));
    }

    private String flipped(String text) {
        if (text.isEmpty()) {
            return text;
        }
        StringBuilder flipped = new StringBuilder(text);
        int place = random.nextInt(text.length());
        flipped.setCharAt(place, (char) (text.charAt(place) ^ 1 << random.nextInt(8)));
        return flipped.toString();
    }

    private String renumbered(String text) {
        List<MatchResult> numbers = NUMBER.matcher(text).results().toList();
        if (numbers.isEmpty()) {
            return text;
        }
        MatchResult number = numbers.get(random.nextInt(numbers.size()));
        String odd = NUMBERS.get(random.nextInt(NUMBERS.size()));
        return text.substring(0, number.start()) + odd + text.substring(number.end());
    }
}
