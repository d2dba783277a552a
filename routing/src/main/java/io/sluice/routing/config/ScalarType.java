package io.sluice.routing.config;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.LongPredicate;
import java.util.function.Predicate;

/**
 * How the text of a value is read. YAML's own guesses are not used: to it, {@code 22:21} is 1341 and {@code 010} is 8.
 *
 * @param <T> what it is read as
 */
public final class ScalarType<T> {
    private static final Set<String> YAML_BOOLEANS = Set.of("yes", "no", "on", "off", "y", "n", "true", "false");

    private static final Map<String, Long> TIME_UNITS = Map.of("", 1L, "ms", 1L, "s", 1_000L, "m", 60_000L);
    private static final Map<String, Long> BYTE_UNITS = Map.of("", 1L, "kb", 1L << 10, "mb", 1L << 20, "gb", 1L << 30);

    public static final ScalarType<Boolean> BOOLEAN = new ScalarType<>(
            "a boolean",
            "true or false",
            List.of("true", "false"),
            ScalarType::booleanOf,
            ScalarType::booleanHint,
            text -> false);

    /** Any text that is not empty. Never quoted in a problem: it may be a password. */
    public static final ScalarType<String> TEXT =
            of("a text", "a text", text -> text.isEmpty() ? Optional.empty() : Optional.of(text));

    private final String noun;
    private final String expected;
    private final List<String> words;
    private final Function<String, Optional<T>> parser;
    private final Function<String, String> hint;
    private final Predicate<String> isNumber;

    private ScalarType(
            String noun,
            String expected,
            List<String> words,
            Function<String, Optional<T>> parser,
            Function<String, String> hint,
            Predicate<String> isNumber) {
        this.noun = noun;
        this.expected = expected;
        this.words = words;
        this.parser = parser;
        this.hint = hint;
        this.isNumber = isNumber;
    }

    /**
     * A type with its own way to read a text.
     *
     * @param noun what a good value is, for "'x' is not a hash"
     * @param expected the same more exactly, for "expected ..."
     */
    public static <T> ScalarType<T> of(String noun, String expected, Function<String, Optional<T>> parser) {
        return new ScalarType<>(noun, expected, List.of(), parser, found -> "", text -> false);
    }

    /** One of a few words, each exactly as {@code wordOf} spells it. */
    public static <T> ScalarType<T> oneOf(String noun, List<T> values, Function<T, String> wordOf) {
        List<String> words = values.stream().map(wordOf).toList();
        return new ScalarType<>(
                noun,
                Words.oneOf(words),
                words,
                text -> values.stream()
                        .filter(value -> wordOf.apply(value).equals(text))
                        .findFirst(),
                found -> "",
                text -> false);
    }

    /** An enum's constants in small letters. */
    public static <E extends Enum<E>> ScalarType<E> oneOf(String noun, List<E> values) {
        return oneOf(noun, values, value -> value.name().toLowerCase(Locale.ROOT));
    }

    /** A number that is read by {@code reader} and lies within a range. */
    private static <T> ScalarType<T> number(
            String noun,
            String expected,
            Function<String, Optional<Long>> reader,
            LongPredicate isInRange,
            LongFunction<T> value) {
        return new ScalarType<>(
                noun,
                expected,
                List.of(),
                text -> reader.apply(text).filter(isInRange::test).map(value::apply),
                found -> "",
                text -> reader.apply(text).isPresent());
    }

    public static ScalarType<Integer> integer(int min, int max) {
        return number(
                "an integer", "an integer" + range(min, max), ScalarType::integerOf, within(min, max), n -> (int) n);
    }

    /** Milliseconds without a unit, as twemproxy writes them. */
    public static ScalarType<Duration> millis(Duration min, Duration max) {
        return number(
                "a number of milliseconds",
                "an integer" + range(min.toMillis(), max.toMillis()) + ", in milliseconds",
                ScalarType::integerOf,
                within(min.toMillis(), max.toMillis()),
                Duration::ofMillis);
    }

    /** A whole number with a unit: {@code 400ms}, {@code 5s}, {@code 2m}; without one, milliseconds. */
    public static ScalarType<Duration> duration(Duration min, Duration max) {
        return number(
                "a duration",
                "a duration such as 400ms, 5s or 2m, from " + shown(min) + " to " + shown(max),
                text -> withUnit(text, TIME_UNITS),
                within(min.toMillis(), max.toMillis()),
                Duration::ofMillis);
    }

    /** The same type, which also reads 0 and -1 as {@link Duration#ZERO}: no limit. */
    public static ScalarType<Duration> orNone(ScalarType<Duration> limit) {
        return new ScalarType<>(
                limit.noun,
                limit.expected + "; or -1 for no limit",
                List.of(),
                text -> text.equals("-1") || text.equals("0") ? Optional.of(Duration.ZERO) : limit.parser.apply(text),
                limit.hint,
                limit.isNumber);
    }

    /** A number of bytes: {@code 64mb}, {@code 8kb}, {@code 512}; units are powers of 1024. */
    public static ScalarType<Integer> bytes(int min, int max) {
        return number(
                "a size",
                "a number of bytes such as 512, 64kb or 8mb," + range(min, max),
                text -> withUnit(text.toLowerCase(Locale.ROOT), BYTE_UNITS),
                within(min, max),
                n -> (int) n);
    }

    /** The same in a wider range, and {@code auto} for a value that is worked out later. */
    public static ScalarType<Long> bytesOrAuto(long min, long max, long auto) {
        ScalarType<Long> size = number(
                "a size",
                "auto, or a number of bytes such as 64mb or 2gb," + range(min, max),
                text -> withUnit(text.toLowerCase(Locale.ROOT), BYTE_UNITS),
                within(min, max),
                n -> n);
        return new ScalarType<>(
                size.noun,
                size.expected,
                List.of("auto"),
                text -> text.equals("auto") ? Optional.of(auto) : size.parser.apply(text),
                size.hint,
                size.isNumber);
    }

    String expected() {
        return expected;
    }

    /** The value, or empty and a mistake. */
    public Optional<T> read(YamlScalar scalar) {
        Optional<T> value = parser.apply(scalar.text());
        if (value.isEmpty() && isNumber.test(scalar.text())) {
            scalar.mistake(Words.quoted(scalar.text()) + " is out of range; expected " + expected);
        } else if (value.isEmpty()) {
            scalar.unlike(noun, expected + hint.apply(scalar.text()) + Words.didYouMean(scalar.text(), words));
        }
        return value;
    }

    /** An integer within a range, for types of one's own; empty for any other text. */
    public static Optional<Integer> wholeNumber(String text, int min, int max) {
        return integerOf(text).filter(n -> n >= min && n <= max).map(Long::intValue);
    }

    /** Digits, perhaps with a minus in front. Nothing else is an integer here. */
    private static Optional<Long> integerOf(String text) {
        boolean negative = text.startsWith("-");
        OptionalLong digits = Digits.parse(negative ? text.substring(1) : text);
        return digits.isEmpty() ? Optional.empty() : Optional.of(negative ? -digits.getAsLong() : digits.getAsLong());
    }

    private static Optional<Long> withUnit(String text, Map<String, Long> units) {
        int end = 0;
        while (end < text.length() && Digits.isDigit(text.charAt(end))) {
            end++;
        }
        OptionalLong number = Digits.parse(text.substring(0, end));
        Long unit = units.get(text.substring(end));
        if (number.isEmpty() || unit == null) {
            return Optional.empty();
        }
        boolean overflows = number.getAsLong() > Long.MAX_VALUE / unit;
        return Optional.of(overflows ? Long.MAX_VALUE : number.getAsLong() * unit);
    }

    private static LongPredicate within(long min, long max) {
        return n -> n >= min && n <= max;
    }

    private static Optional<Boolean> booleanOf(String text) {
        return switch (text) {
            case "true" -> Optional.of(true);
            case "false" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    private static String booleanHint(String found) {
        return YAML_BOOLEANS.contains(found.toLowerCase(Locale.ROOT))
                ? ", in small letters (yes, no, on and off are not booleans here)"
                : "";
    }

    private static String range(long min, long max) {
        if (max == Integer.MAX_VALUE) {
            return min == 0 ? ", 0 or more" : ", at least " + min;
        }
        return " from " + min + " to " + max;
    }

    private static String shown(Duration duration) {
        long millis = duration.toMillis();
        if (millis % 60_000 == 0 && millis > 0) {
            return millis / 60_000 + "m";
        }
        return millis % 1_000 == 0 ? millis / 1_000 + "s" : millis + "ms";
    }
}
