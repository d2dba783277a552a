package io.sluice.routing.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * One mapping of a YAML file. A getter that meets a problem adds it to the list that all sections of the file share,
 * and answers with a harmless value, so that one reading finds all problems; {@link #throwIfMistaken} ends it.
 *
 * <p>A key is known once somebody has asked for it: {@link #rejectUnknownKeys} comes last.
 */
public final class YamlSection {

    /** What stands behind a key. */
    public enum Form {
        ABSENT,
        SCALAR,
        LIST,
        SECTION
    }

    private record Entry(YamlPlace keyPlace, Node value) {}

    private final YamlPlace place;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Set<String> asked = new LinkedHashSet<>();
    private final ConfigProblems problems;

    YamlSection(MappingNode node, YamlPlace place, ConfigProblems problems) {
        this.place = place;
        this.problems = problems;
        node.getValue().forEach(this::add);
    }

    private void add(NodeTuple tuple) {
        YamlPlace keyPlace = YamlPlace.at(tuple.getKeyNode().getStartMark(), place.key());
        if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
            problems.mistake(keyPlace, "found a list or a mapping as a key; expected a word");
        } else if (key.getValue().isEmpty()) {
            problems.mistake(keyPlace, "found an empty key; expected a word");
        } else if (key.isPlain() && key.getValue().equals("<<")) {
            problems.mistake(keyPlace, "merge keys (<<) are not read; expected every key written out");
        } else {
            add(key.getValue(), new Entry(keyPlace.child(key.getValue()), tuple.getValueNode()));
        }
    }

    private void add(String key, Entry entry) {
        Entry first = entries.putIfAbsent(key, entry);
        if (first != null) {
            problems.mistake(
                    entry.keyPlace(),
                    "duplicate key; it stands on line " + first.keyPlace().line() + " already");
        }
    }

    /** The keys, in the order of the file. */
    public Set<String> keys() {
        return Collections.unmodifiableSet(entries.keySet());
    }

    public boolean has(String key) {
        return entries.containsKey(key);
    }

    public Form formOf(String key) {
        Entry entry = entries.get(key);
        if (entry == null) {
            return Form.ABSENT;
        }
        if (entry.value() instanceof MappingNode) {
            return Form.SECTION;
        }
        return entry.value() instanceof SequenceNode ? Form.LIST : Form.SCALAR;
    }

    /** The value of a key that may be left out. */
    public <T> Optional<T> optional(String key, ScalarType<T> type) {
        return scalar(key, type.expected()).flatMap(type::read);
    }

    public <T> T value(String key, T fallback, ScalarType<T> type) {
        return optional(key, type).orElse(fallback);
    }

    /** The value as its text stands; empty if there is none, and a mistake if it is a list or a mapping. */
    public Optional<YamlScalar> scalar(String key, String expected) {
        Node value = ask(key);
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof ScalarNode scalar) {
            return Optional.of(scalarOf(key, scalar));
        }
        problems.mistake(placeOf(key, value), "found " + described(value) + "; expected " + expected);
        return Optional.empty();
    }

    /** The same; and a mistake if the key is missing. */
    public Optional<YamlScalar> required(String key, String expected) {
        rejectAbsent(key, expected);
        return scalar(key, expected);
    }

    /** The values of a list; a mistake if the key is missing, or has something else or an empty list. */
    public List<YamlScalar> requiredList(String key, String expected) {
        rejectAbsent(key, expected);
        Node value = ask(key);
        if (value instanceof SequenceNode list && !list.getValue().isEmpty()) {
            return elements(key, list);
        }
        if (value != null) {
            problems.mistake(placeOf(key, value), "found " + described(value) + "; expected " + expected);
        }
        return List.of();
    }

    /** The values of a list, or the one value that stands there instead of a list. */
    public List<YamlScalar> oneOrMore(String key, String expected) {
        return formOf(key) == Form.LIST
                ? requiredList(key, expected)
                : scalar(key, expected).stream().toList();
    }

    /** The mapping behind a key; empty if there is none, and a mistake if something else stands there. */
    public Optional<YamlSection> section(String key, String expected) {
        Node value = ask(key);
        if (value instanceof MappingNode mapping) {
            Entry entry = entries.get(key);
            return Optional.of(
                    new YamlSection(mapping, entry == null ? placeOf(key, value) : entry.keyPlace(), problems));
        }
        if (value != null) {
            problems.mistake(placeOf(key, value), "found " + described(value) + "; expected " + expected);
        }
        return Optional.empty();
    }

    /** A look at the mapping behind a key, to tell kinds of files apart: asks for no key and adds no problem. */
    public Optional<YamlSection> view(String key) {
        Entry entry = entries.get(key);
        return entry != null && entry.value() instanceof MappingNode mapping
                ? Optional.of(new YamlSection(mapping, entry.keyPlace(), new ConfigProblems("")))
                : Optional.empty();
    }

    /** Adds a mistake at the value of {@code key}, or at this section if it has no such key. */
    public void mistake(String key, String message) {
        problems.mistake(placeOf(key), message);
    }

    /** Adds a warning at the value of {@code key}, or at this section if it has no such key. */
    public void warning(String key, String message) {
        problems.warning(placeOf(key), message);
    }

    /** Adds a mistake at {@code key} itself, not at its value. */
    public void mistakenKey(String key, String message) {
        Entry entry = entries.get(key);
        problems.mistake(entry == null ? place.child(key) : entry.keyPlace(), message);
    }

    /** A key that must not stand here: a mistake if it does. */
    public void reject(String key, String message) {
        if (has(key)) {
            asked.add(key);
            mistakenKey(key, message);
        }
    }

    /** Adds a mistake about this section as a whole. */
    public void mistake(String message) {
        problems.mistake(place, message);
    }

    /** Every key that nobody asked for is a mistake. */
    public void rejectUnknownKeys() {
        List<String> known = asked.stream().sorted().toList();
        entries.forEach((key, entry) -> {
            if (!asked.contains(key)) {
                String meant = Words.didYouMean(key, known);
                problems.mistake(
                        entry.keyPlace(),
                        "unknown key" + (meant.isEmpty() ? "; expected " + Words.oneOf(known) : meant));
            }
        });
    }

    /** Throws everything that was found wrong in the whole file, if anything was. */
    public void throwIfMistaken() {
        problems.throwIfMistaken();
    }

    /** What was found odd in the whole file. */
    public List<ConfigProblem> warnings() {
        return problems.warnings();
    }

    private void rejectAbsent(String key, String expected) {
        if (!entries.containsKey(key)) {
            problems.mistake(place.child(key), "missing; expected " + expected);
        }
    }

    private @Nullable Node ask(String key) {
        asked.add(key);
        Entry entry = entries.get(key);
        return entry == null ? null : entry.value();
    }

    private List<YamlScalar> elements(String key, SequenceNode list) {
        List<YamlScalar> elements = new ArrayList<>();
        for (Node element : list.getValue()) {
            if (element instanceof ScalarNode scalar) {
                elements.add(scalarOf(key, scalar));
            } else {
                problems.mistake(
                        placeOf(key, element), "found " + described(element) + " in the list; expected a text");
            }
        }
        return elements;
    }

    private YamlScalar scalarOf(String key, ScalarNode node) {
        return new YamlScalar(node.getValue(), placeOf(key, node), problems);
    }

    private YamlPlace placeOf(String key) {
        Entry entry = entries.get(key);
        return entry == null ? place.child(key) : placeOf(key, entry.value());
    }

    private YamlPlace placeOf(String key, Node value) {
        return YamlPlace.at(value.getStartMark(), place.dotted(key));
    }

    /** Does not quote the value: nobody knows what it is. */
    private static String described(Node node) {
        if (node instanceof MappingNode mapping) {
            return mapping.getValue().isEmpty() ? "an empty mapping ({} without quotes)" : "a mapping";
        }
        if (node instanceof SequenceNode list) {
            return list.getValue().isEmpty() ? "an empty list" : "a list";
        }
        return ((ScalarNode) node).getValue().isEmpty() ? "nothing" : "a single value";
    }
}
