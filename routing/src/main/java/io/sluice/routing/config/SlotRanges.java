package io.sluice.routing.config;

import io.sluice.routing.topology.Server;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Which server owns which slot: as {@code slot_ranges} says, or in proportion to the weights.
 *
 * <pre>
 *   slot_ranges:
 *     left:  0-8191
 *     right: 8192-16000, 16001-16383        or a YAML list
 * </pre>
 */
final class SlotRanges {
    /** Gaps that one problem lists; the others are counted. */
    private static final int MAX_GAPS_TOLD = 8;

    private static final int NOBODY = -1;

    private record Range(int first, int last) {
        String slots() {
            return (first == last ? "slot " : "slots ") + this;
        }

        @Override
        public String toString() {
            return first == last ? Integer.toString(first) : first + "-" + last;
        }
    }

    private final List<String> names;
    private final int[] owners;
    private int ranges;

    private SlotRanges(List<Server> servers, int slots) {
        this.names = servers.stream().map(Server::name).toList();
        this.owners = new int[slots];
        Arrays.fill(owners, NOBODY);
    }

    /** One range for each server, in the order of the list, as long as its weight asks. */
    static List<Integer> inProportion(List<Server> servers, int slots) {
        long total = servers.stream().mapToLong(Server::weight).sum();
        List<Integer> owners = new ArrayList<>(slots);
        long weightUpTo = 0;
        for (int i = 0; i < servers.size(); i++) {
            weightUpTo += servers.get(i).weight();
            while (owners.size() < slots * weightUpTo / total) {
                owners.add(i);
            }
        }
        return owners;
    }

    /** The owners as the section says; with mistakes if any slot has none or two. */
    static List<Integer> read(YamlSection pool, YamlSection section, List<Server> servers, int slots) {
        SlotRanges read = new SlotRanges(servers, slots);
        section.keys().forEach(name -> read.add(section, name));
        section.rejectUnknownKeys();
        List<Range> gaps = read.gaps();
        if (!gaps.isEmpty()) {
            pool.mistake(
                    "slot_ranges",
                    "nobody owns slots " + shown(gaps) + "; expected each slot of 0-" + (slots - 1) + " once");
        }
        read.names.stream()
                .filter(name -> !section.has(name))
                .forEach(name -> pool.warning("slot_ranges", Words.quoted(name) + " owns no slot"));
        return Arrays.stream(read.owners).boxed().toList();
    }

    private void add(YamlSection section, String name) {
        int server = names.indexOf(name);
        List<YamlScalar> values = section.oneOrMore(name, "slots such as 0-8191, 9000");
        if (server < 0) {
            List<String> shown = names.stream().limit(MAX_GAPS_TOLD).toList();
            section.mistakenKey(
                    name, "no server has this name; expected " + Words.oneOf(shown) + Words.didYouMean(name, names));
            return;
        }
        values.forEach(value -> add(value, server));
    }

    private void add(YamlScalar value, int server) {
        int from = 0;
        while (from <= value.text().length()) {
            int comma = value.text().indexOf(',', from);
            int to = comma < 0 ? value.text().length() : comma;
            Optional<Range> range = parse(value.text().substring(from, to).strip());
            if (range.isEmpty()) {
                value.unlike("a range of slots", "slots of 0-" + (owners.length - 1) + " such as 0-8191, 9000");
                return;
            }
            if (++ranges > owners.length) {
                value.mistake("more than " + owners.length + " ranges; expected each slot once");
                return;
            }
            own(range.get(), server, value);
            from = to + 1;
        }
    }

    private Optional<Range> parse(String text) {
        int dash = text.indexOf('-');
        Optional<Integer> first = slot(dash < 0 ? text : text.substring(0, dash).strip());
        Optional<Integer> last =
                dash < 0 ? first : slot(text.substring(dash + 1).strip());
        return first.flatMap(a -> last.filter(b -> a <= b).map(b -> new Range(a, b)));
    }

    private Optional<Integer> slot(String text) {
        return ScalarType.wholeNumber(text, 0, owners.length - 1);
    }

    private void own(Range range, int server, YamlScalar where) {
        firstOwned(range)
                .ifPresent(again -> where.mistake("found " + again.slots() + ", which "
                        + Words.quoted(names.get(owners[again.first()])) + " owns already; expected each slot once"));
        for (int slot = range.first(); slot <= range.last(); slot++) {
            if (owners[slot] == NOBODY) {
                owners[slot] = server;
            }
        }
    }

    /** The first slots in a row within {@code range} that one server owns already. */
    private Optional<Range> firstOwned(Range range) {
        int first = range.first();
        while (first <= range.last() && owners[first] == NOBODY) {
            first++;
        }
        if (first > range.last()) {
            return Optional.empty();
        }
        int last = first;
        while (last < range.last() && owners[last + 1] == owners[first]) {
            last++;
        }
        return Optional.of(new Range(first, last));
    }

    private List<Range> gaps() {
        List<Range> gaps = new ArrayList<>();
        for (int slot = 0; slot < owners.length; slot++) {
            if (owners[slot] == NOBODY) {
                int first = slot;
                while (slot + 1 < owners.length && owners[slot + 1] == NOBODY) {
                    slot++;
                }
                gaps.add(new Range(first, slot));
            }
        }
        return gaps;
    }

    private static String shown(List<Range> gaps) {
        String told = gaps.stream().limit(MAX_GAPS_TOLD).map(Range::toString).collect(Collectors.joining(", "));
        int more = gaps.size() - MAX_GAPS_TOLD;
        return told + (more > 0 ? " and " + more + " more gaps" : "");
    }
}
