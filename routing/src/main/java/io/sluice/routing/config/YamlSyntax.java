package io.sluice.routing.config;

import java.io.StringReader;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionEndEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.DocumentStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * Whether a text is YAML, and of the plain kind: one document, no anchors, aliases or tags. Looks at the text as a
 * stream of events, because nodes no longer show where an alias stood. Its errors are told in sentences of our own.
 */
final class YamlSyntax {
    private static final String OPEN_QUOTE = "found unexpected end of stream";

    /** How the parser's words begin, and ours; the first that fits. */
    private static final List<Map.Entry<String, String>> SENTENCES = List.of(
            Map.entry(
                    "found character '\\t(TAB)'", "found a tab; expected spaces (YAML allows no tabs for indentation)"),
            Map.entry("found character '", "this character cannot begin a value; expected the value in quotes"),
            Map.entry(
                    "mapping values are not allowed here",
                    "found a ':' where no key can stand; expected one 'key: value' on a line, indented like its"
                            + " neighbours"),
            Map.entry(
                    "expected <block end>", "this does not line up with what is above; expected the same indentation"),
            Map.entry(
                    "could not find expected ':'",
                    "found a line without ': '; expected 'key: value', with a space after the colon"),
            Map.entry(OPEN_QUOTE, "found a quote that is not closed; expected a second one"),
            Map.entry("expected ',' or ']'", "found a list that is not closed; expected ',' or ']'"),
            Map.entry("expected ',' or '}'", "found a mapping that is not closed; expected ',' or '}'"));

    private final ConfigProblems problems;
    private int depth;
    private int documents;

    private YamlSyntax(ConfigProblems problems) {
        this.problems = problems;
    }

    static void check(String text, ConfigProblems problems) {
        int odd = firstUnprintable(text);
        if (odd >= 0) {
            String found = String.format("the character U+%04X", text.codePointAt(odd));
            problems.mistake(placeAt(text, odd), found + " is not allowed in YAML; expected a text file");
            return;
        }
        YamlSyntax syntax = new YamlSyntax(problems);
        try {
            for (Event event : new Yaml(new SafeConstructor(YamlReader.options())).parse(new StringReader(text))) {
                syntax.accept(event);
            }
        } catch (YAMLException e) {
            problems.mistake(placeOf(e), sentenceFor(e));
        }
    }

    private void accept(Event event) {
        if (event instanceof AliasEvent) {
            mistake(event, "an alias (*) is not read; expected the value written out");
        } else if (event instanceof NodeEvent node && node.getAnchor() != null) {
            mistake(event, "an anchor (&) is not read; expected every value written out");
        }
        if (hasTag(event)) {
            mistake(event, "a tag (!) is not read; expected the value without it, or in quotes");
        }
        if (event instanceof DocumentStartEvent && ++documents == 2) {
            mistake(event, "a second document begins here; expected one in a file");
        }
        depth += event instanceof CollectionStartEvent ? 1 : event instanceof CollectionEndEvent ? -1 : 0;
        if (depth > YamlReader.MAX_DEPTH) {
            throw new TooDeep(event.getStartMark());
        }
    }

    private static boolean hasTag(Event event) {
        return (event instanceof ScalarEvent scalar && scalar.getTag() != null)
                || (event instanceof CollectionStartEvent start && start.getTag() != null);
    }

    private void mistake(Event event, String message) {
        problems.mistake(YamlPlace.at(event.getStartMark(), ""), message);
    }

    private static int firstUnprintable(String text) {
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            if (!StreamReader.isPrintable(text.codePointAt(i))) {
                return i;
            }
        }
        return -1;
    }

    /** Where the character with this index stands. */
    static YamlPlace placeAt(String text, int index) {
        String before = text.substring(0, index);
        int lineStart = before.lastIndexOf('\n') + 1;
        int line = 1 + (int) before.chars().filter(c -> c == '\n').count();
        return new YamlPlace(line, 1 + before.codePointCount(lineStart, index), "");
    }

    static YamlPlace placeOf(YAMLException e) {
        Mark mark = e instanceof MarkedYAMLException marked ? markOf(marked) : null;
        return mark == null ? YamlPlace.FILE : YamlPlace.at(mark, "");
    }

    /** Who forgot a quote looks for the first one, not for the end of the file. */
    private static @Nullable Mark markOf(MarkedYAMLException e) {
        boolean isOpenQuote = problemOf(e).startsWith(OPEN_QUOTE) && e.getContextMark() != null;
        return isOpenQuote ? e.getContextMark() : e.getProblemMark();
    }

    static String sentenceFor(YAMLException e) {
        String problem = problemOf(e);
        return SENTENCES.stream()
                .filter(sentence -> problem.startsWith(sentence.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("not valid YAML: " + problem);
    }

    private static String problemOf(YAMLException e) {
        @Nullable String problem = e instanceof MarkedYAMLException marked ? marked.getProblem() : e.getMessage();
        return problem == null
                ? "cannot be understood"
                : Words.printable(problem.lines().findFirst().orElse(""));
    }

    private static final class TooDeep extends MarkedYAMLException {
        private static final long serialVersionUID = 1L;

        TooDeep(Mark mark) {
            super(null, null, "lists and mappings nested deeper than " + YamlReader.MAX_DEPTH, mark);
        }
    }
}
