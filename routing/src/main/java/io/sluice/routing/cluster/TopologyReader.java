package io.sluice.routing.cluster;

import io.sluice.routing.config.AddressText;
import io.sluice.routing.config.Dialect;
import io.sluice.routing.config.PoolDefinitionReader;
import io.sluice.routing.config.ScalarType;
import io.sluice.routing.config.YamlScalar;
import io.sluice.routing.config.YamlSection;
import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.ServerAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads the document of a cluster; harmless values where something is wrong, which the sections remember. */
final class TopologyReader {

    /** More shards than that have no use for 16384 slots. */
    static final int MAX_SHARDS = 4096;

    static final int MAX_REPLICAS = Shard.MAX_REPLICAS;
    static final int MAX_POOLS = 256;
    static final int MAX_HANDOFFS = 64;
    static final int MAX_WAITING = 1024;
    static final int MAX_NAME_CHARACTERS = 64;

    private static final ServerAddress NOWHERE = ServerAddress.tcp("nowhere", 1);
    private static final String ADDRESS = "host:port, or the path of a unix socket";
    static final Duration MAX_LEASE = Duration.ofMinutes(10);

    private static final ScalarType<Integer> FORMAT = ScalarType.integer(1, TopologyDocument.FORMAT);
    static final ScalarType<Long> COUNT =
            ScalarType.of("a count", "a whole number, not negative", TopologyReader::count);
    private static final ScalarType<DistributionKind> DISTRIBUTION =
            ScalarType.oneOf("a distribution", List.of(DistributionKind.values()), DistributionKind::configName);
    private static final ScalarType<SlotHash> SLOTS = ScalarType.oneOf(
            "a number of slots",
            List.of(SlotHash.REDIS_CLUSTER, SlotHash.CODIS),
            kind -> Integer.toString(kind.slots()));
    private static final ScalarType<PoolProtocol> PROTOCOL =
            ScalarType.oneOf("a protocol", List.of(PoolProtocol.values()), PoolProtocol::word);
    private static final ScalarType<HandoffState> STATE =
            ScalarType.oneOf("a state", List.of(HandoffState.values()), HandoffState::name);
    private static final ScalarType<Duration> MILLIS = ScalarType.millis(Duration.ofMillis(1), MAX_LEASE);
    static final String NAME_FORM =
            "at most " + MAX_NAME_CHARACTERS + " letters, digits, dots, hyphens and underscores";

    private final YamlSection document;

    TopologyReader(YamlSection document) {
        this.document = document;
    }

    Topology read() {
        if (!document.has("format")) {
            document.mistakenKey("format", "missing; expected " + TopologyDocument.FORMAT);
        }
        document.optional("format", FORMAT);
        long epoch = document.value("epoch", 0L, COUNT);
        long term = document.value("term", 0L, COUNT);
        Map<String, TopologyPool> pools = new LinkedHashMap<>();
        document.section("pools", "names of pools with their keys")
                .ifPresent(section ->
                        named(section, MAX_POOLS).forEach((name, pool) -> pools.put(name, pool(name, pool))));
        document.rejectUnknownKeys();
        return new Topology(epoch, term, pools);
    }

    private static Optional<Long> count(String text) {
        try {
            long number = text.chars().allMatch(c -> c >= '0' && c <= '9') ? Long.parseLong(text) : -1;
            return number < 0 ? Optional.empty() : Optional.of(number);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** The mappings of a section, by their keys, which must be names. */
    private static Map<String, YamlSection> named(YamlSection section, int most) {
        Map<String, YamlSection> members = new LinkedHashMap<>();
        for (String name : section.keys()) {
            if (!isName(name)) {
                section.mistakenKey(name, "is no name; expected " + NAME_FORM);
            }
            section.section(name, "its keys").ifPresent(member -> members.put(name, member));
        }
        if (members.size() > most) {
            section.mistake("found " + members.size() + "; expected at most " + most);
        }
        return members;
    }

    /** Whether pools, shards and handoffs may be called so: such names need no quotes, in paths neither. */
    static boolean isName(String name) {
        return !name.isEmpty()
                && name.length() <= MAX_NAME_CHARACTERS
                && !name.equals(".")
                && !name.equals("..")
                && name.chars().allMatch(TopologyReader::isNameCharacter);
    }

    private static boolean isNameCharacter(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '.'
                || c == '-'
                || c == '_';
    }

    private TopologyPool pool(String name, YamlSection pool) {
        PoolProtocol protocol = pool.value("protocol", PoolProtocol.REDIS, PROTOCOL);
        DistributionKind distribution = pool.value("distribution", DistributionKind.KETAMA, DISTRIBUTION);
        TopologyPool read = distribution == DistributionKind.SLOTS
                ? slotPool(name, protocol, pool)
                : ringPool(name, protocol, pool);
        pool.rejectUnknownKeys();
        return read;
    }

    private static RingPool ringPool(String name, PoolProtocol protocol, YamlSection pool) {
        RingPool ring = new RingPool(protocol, PoolDefinitionReader.read(name, pool, Dialect.SLUICE));
        return pool.section("change", "a change of its servers")
                .map(section -> ring.withChange(RingChangeReader.read(ring, section)))
                .orElse(ring);
    }

    private SlotPool slotPool(String name, PoolProtocol protocol, YamlSection pool) {
        SlotHash hash = pool.value("slots", SlotHash.REDIS_CLUSTER, SLOTS);
        Map<String, Shard> shards = pool.section("shards", "names of shards with their servers and slots")
                .map(section -> shards(named(section, MAX_SHARDS), hash))
                .orElse(Map.of());
        SlotPool read = new SlotPool(name, protocol, hash, shards, Map.of());
        Optional<YamlSection> handoffs = pool.section("handoffs", "handoffs by their ids");
        if (handoffs.isPresent()) {
            for (Map.Entry<String, YamlSection> handoff :
                    named(handoffs.get(), MAX_HANDOFFS).entrySet()) {
                read = withHandoff(read, handoff.getKey(), handoff.getValue());
            }
        }
        Optional<YamlSection> waiting = pool.section("waiting", "moves by their ids");
        return waiting.isPresent() ? WaitingMoveReader.read(read, named(waiting.get(), MAX_WAITING)) : read;
    }

    private static Map<String, Shard> shards(Map<String, YamlSection> sections, SlotHash hash) {
        Map<String, Shard> shards = new LinkedHashMap<>();
        Set<ServerAddress> primaries = new HashSet<>();
        SlotSet owned = SlotSet.EMPTY; // by all so far: asking each shard for each other takes long for hundreds
        for (Map.Entry<String, YamlSection> section : sections.entrySet()) {
            Shard shard = shard(section.getKey(), section.getValue(), hash);
            if (owned.intersects(shard.slots())) {
                rejectOwned(shards.values(), shard, section.getValue());
            }
            if (!primaries.add(shard.primary()) && !shard.primary().equals(NOWHERE)) {
                rejectPrimary(shards.values(), shard, section.getValue());
            }
            owned = owned.with(shard.slots());
            shards.put(shard.name(), shard);
        }
        return shards;
    }

    private static Shard shard(String name, YamlSection section, SlotHash hash) {
        ServerAddress primary = section.required("primary", ADDRESS)
                .flatMap(TopologyReader::address)
                .orElse(NOWHERE);
        List<ServerAddress> replicas = new ArrayList<>();
        if (section.has("replicas")) {
            section.requiredList("replicas", "a list of " + ADDRESS)
                    .forEach(text -> address(text).ifPresent(replicas::add));
        }
        if (replicas.size() > MAX_REPLICAS) {
            section.mistake("replicas", replicas.size() + " replicas; expected at most " + MAX_REPLICAS);
        }
        if (replicas.contains(primary)) {
            section.mistake("replicas", primary + " is the primary as well; expected each server once");
        }
        SlotSet slots = slots(section, "owns", hash);
        boolean draining = section.value("draining", false, ScalarType.BOOLEAN);
        section.rejectUnknownKeys();
        return new Shard(name, primary, replicas, slots, draining);
    }

    private static void rejectOwned(Collection<Shard> others, Shard shard, YamlSection section) {
        for (Shard other : others) {
            SlotSet twice = shard.slots().without(shard.slots().without(other.slots()));
            if (!twice.isEmpty()) {
                section.mistake(
                        "owns", "shard '" + other.name() + "' owns " + twice + " already; expected each slot once");
            }
        }
    }

    private static void rejectPrimary(Collection<Shard> others, Shard shard, YamlSection section) {
        for (Shard other : others) {
            if (other.primary().equals(shard.primary())) {
                section.mistake("primary", shard.primary() + " is the primary of shard '" + other.name() + "' already");
            }
        }
    }

    private static Optional<ServerAddress> address(YamlScalar text) {
        return AddressText.read(text.text(), text, "a server", ADDRESS);
    }

    static SlotSet slots(YamlSection section, String key, SlotHash hash) {
        String expected = "slots of 0-" + (hash.slots() - 1) + ", each once, such as 0-8191,9000";
        Optional<YamlScalar> text = section.scalar(key, expected);
        Optional<SlotSet> slots = text.flatMap(found -> SlotSet.parse(found.text(), hash.slots()));
        if (text.isPresent() && slots.isEmpty()) {
            text.get().unlike("a set of slots", expected);
        }
        return slots.orElse(SlotSet.EMPTY);
    }

    private static SlotPool withHandoff(SlotPool pool, String id, YamlSection section) {
        HandoffState state = section.value("state", HandoffState.COPY, STATE);
        SlotSet slots = slots(section, "slots", pool.hash());
        String from = shardName(pool, section, "from");
        String to = shardName(pool, section, "to");
        Handoff handoff = new Handoff(
                id,
                state,
                slots,
                from,
                to,
                section.value("lease_ms", Handoff.LEASE, MILLIS),
                section.value("freeze_budget_ms", Handoff.FREEZE_BUDGET, MILLIS),
                section.value("copy_since", 0L, COUNT),
                section.value("attempt", 0, ScalarType.integer(0, Integer.MAX_VALUE)),
                section.value("whole_server", false, ScalarType.BOOLEAN));
        section.rejectUnknownKeys();
        rejectImpossible(pool, section, handoff);
        return pool.withHandoff(handoff);
    }

    static String shardName(SlotPool pool, YamlSection section, String key) {
        Optional<YamlScalar> name = section.required(key, "the name of a shard");
        name.filter(text -> !pool.shards().containsKey(text.text()))
                .ifPresent(text -> text.mistake("there is no shard '" + text.text() + "' in this pool"));
        return name.map(YamlScalar::text).orElse("");
    }

    private static void rejectImpossible(SlotPool pool, YamlSection section, Handoff handoff) {
        if (handoff.slots().isEmpty()) {
            section.mistake("slots", "a handoff of no slot");
        }
        if (handoff.from().equals(handoff.to())) {
            section.mistake("to", "the shard that they come from; expected another");
        }
        String owner = handoff.state() == HandoffState.SWITCHED ? handoff.to() : handoff.from();
        pool.shard(owner)
                .filter(shard -> !shard.slots().containsAll(handoff.slots()))
                .ifPresent(shard -> section.mistake(
                        "slots",
                        "shard '" + owner + "' does not own " + handoff.slots().without(shard.slots())
                                + ", as it does in state " + handoff.state()));
        pool.handoffs().values().stream()
                .filter(other -> other.slots().intersects(handoff.slots()))
                .forEach(other -> section.mistake("slots", "handoff '" + other.id() + "' has some of them already"));
    }
}
