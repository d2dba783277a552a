package io.sluice.manager.api;

import io.sluice.manager.change.AddReplica;
import io.sluice.manager.change.AddRingServer;
import io.sluice.manager.change.AddShard;
import io.sluice.manager.change.ApplyDocument;
import io.sluice.manager.change.AssignSlots;
import io.sluice.manager.change.CreateRingPool;
import io.sluice.manager.change.CreateSlotPool;
import io.sluice.manager.change.DrainServer;
import io.sluice.manager.change.ImportPools;
import io.sluice.manager.change.PromoteReplica;
import io.sluice.manager.change.RemovePool;
import io.sluice.manager.change.RemoveServer;
import io.sluice.manager.change.RemoveShard;
import io.sluice.manager.change.SpreadSlots;
import io.sluice.manager.change.TopologyChange;
import io.sluice.manager.migration.AbortMigration;
import io.sluice.manager.migration.BeginHandoff;
import io.sluice.manager.migration.LimitHandoff;
import io.sluice.manager.migration.PauseHandoff;
import io.sluice.manager.migration.ResumeHandoff;
import io.sluice.manager.migration.RollBackHandoff;
import io.sluice.manager.store.Orders;
import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.routing.config.AddressText;
import io.sluice.routing.config.Dialect;
import io.sluice.routing.config.PoolDefinitionReader;
import io.sluice.routing.config.ScalarType;
import io.sluice.routing.config.YamlReader;
import io.sluice.routing.config.YamlScalar;
import io.sluice.routing.config.YamlSection;
import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads the body of a plan or an apply: strictly, and all mistakes at once. */
final class ChangeReader {

    /** What a body is called in its mistakes. */
    static final String NAME = "request";

    private static final String ADDRESS = "host:port, or the path of a unix socket";
    static final String SLOTS = "slots of 0-16383, each once, such as 0-8191,9000";

    private static final ScalarType<Kind> KIND = ScalarType.oneOf("a change", List.of(Kind.values()), Kind::words);
    private static final ScalarType<PoolProtocol> PROTOCOL =
            ScalarType.oneOf("a protocol", List.of(PoolProtocol.values()), PoolProtocol::word);
    private static final ScalarType<DistributionKind> DISTRIBUTION =
            ScalarType.oneOf("a distribution", List.of(DistributionKind.values()), DistributionKind::configName);
    private static final ScalarType<SlotHash> SLOT_COUNT = ScalarType.oneOf(
            "a number of slots",
            List.of(SlotHash.REDIS_CLUSTER, SlotHash.CODIS),
            kind -> Integer.toString(kind.slots()));
    static final ScalarType<SlotSet> SLOT_SET =
            ScalarType.of("a set of slots", SLOTS, text -> SlotSet.parse(text, SlotSet.MAX_SLOTS));
    static final ScalarType<String> ID = ScalarType.of(
            "an id",
            "1 to 64 letters, digits and hyphens, unlike that of any handoff before",
            text -> isId(text) ? Optional.of(text) : Optional.empty());
    private static final ScalarType<Long> EPOCH =
            ScalarType.of("an epoch", "a whole number, not negative", ChangeReader::epoch);

    /** What can be asked for, in the words of {@code ctl}. */
    enum Kind {
        POOL_CREATE,
        POOL_REMOVE,
        POOL_IMPORT,
        SHARD_ADD,
        SHARD_REMOVE,
        SHARD_DRAIN,
        SERVER_ADD,
        SERVER_REMOVE,
        SERVER_DRAIN,
        SERVER_PROMOTE,
        SLOTS_ASSIGN,
        SLOTS_MOVE,
        REBALANCE,
        MIGRATIONS_ABORT,
        MIGRATIONS_PAUSE,
        MIGRATIONS_RESUME,
        MIGRATIONS_LIMITS,
        MIGRATIONS_ROLLBACK,
        TOPOLOGY_APPLY;

        String words() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    private static final String KINDS =
            Stream.of(Kind.values()).map(Kind::words).collect(Collectors.joining(", "));

    private final YamlSection body;

    private ChangeReader(YamlSection body) {
        this.body = body;
    }

    /** Throws a {@link io.sluice.routing.config.ConfigException} with every mistake. */
    static ChangeRequest read(byte[] bytes) {
        YamlSection body = YamlReader.parse(NAME, bytes);
        ChangeReader reader = new ChangeReader(body);
        Optional<Kind> kind = body.required("change", "one of " + KINDS).flatMap(KIND::read);
        OptionalLong expected =
                body.optional("expected_epoch", EPOCH).map(OptionalLong::of).orElse(OptionalLong.empty());
        String by = body.scalar("by", "a user's name").map(YamlScalar::text).orElse("");
        Optional<TopologyChange> change = kind.map(reader::change);
        if (change.isPresent()) {
            body.rejectUnknownKeys();
        }
        body.throwIfMistaken();
        return new ChangeRequest(change.orElseThrow(), expected, by);
    }

    static boolean isId(String text) {
        return text.matches("[A-Za-z0-9-]{1,64}");
    }

    private static Optional<Long> epoch(String text) {
        try {
            return text.matches("[0-9]{1,18}") ? Optional.of(Long.valueOf(text)) : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private TopologyChange change(Kind kind) {
        return switch (kind) {
            case POOL_CREATE -> createPool();
            case POOL_REMOVE -> new RemovePool(text("pool"), force());
            case POOL_IMPORT -> importPools();
            case SHARD_ADD ->
                new AddShard(
                        text("pool"),
                        text("shard"),
                        address("primary"),
                        addresses("replicas"),
                        body.value("slots", SlotSet.EMPTY, SLOT_SET));
            case SHARD_REMOVE -> new RemoveShard(text("pool"), text("shard"));
            case SHARD_DRAIN -> MovesReader.drain(body);
            case SERVER_ADD -> addServer();
            case SERVER_REMOVE -> new RemoveServer(text("pool"), text("server"), force());
            case SERVER_DRAIN -> new DrainServer(text("pool"), text("server"), new RingPassageReader(body).always());
            case SERVER_PROMOTE -> new PromoteReplica(text("pool"), text("shard"), address("server"));
            case SLOTS_ASSIGN -> assignSlots();
            case SLOTS_MOVE -> moveSlots();
            case REBALANCE -> MovesReader.rebalance(body);
            case MIGRATIONS_ABORT -> new AbortMigration(text("pool"), text("id"), Instant.now());
            case MIGRATIONS_PAUSE -> new PauseHandoff(text("pool"), text("id"));
            case MIGRATIONS_RESUME -> new ResumeHandoff(text("pool"), text("id"));
            case MIGRATIONS_LIMITS -> new LimitHandoff(text("pool"), text("id"), Orders.limitsOf(body));
            case MIGRATIONS_ROLLBACK ->
                new RollBackHandoff(text("pool"), text("id"), newId("back"), Orders.wished(body));
            case TOPOLOGY_APPLY -> applyDocument();
        };
    }

    private TopologyChange createPool() {
        String name = text("pool");
        PoolProtocol protocol = body.value("protocol", PoolProtocol.REDIS, PROTOCOL);
        DistributionKind distribution = body.value("distribution", DistributionKind.SLOTS, DISTRIBUTION);
        return distribution == DistributionKind.SLOTS
                ? new CreateSlotPool(name, protocol, body.value("slots", SlotHash.REDIS_CLUSTER, SLOT_COUNT))
                : new CreateRingPool(new RingPool(protocol, PoolDefinitionReader.read(name, body, Dialect.SLUICE)));
    }

    private TopologyChange addServer() {
        String pool = text("pool");
        ServerAddress server = address("server");
        if (body.has("shard")) {
            return new AddReplica(pool, text("shard"), server);
        }
        String name = body.optional("name", ScalarType.TEXT).orElseGet(() -> Server.ringName(server));
        int weight = body.value("weight", 1, ScalarType.integer(1, Integer.MAX_VALUE));
        return new AddRingServer(
                pool,
                new Server(name, server, weight),
                force(),
                new RingPassageReader(body).ifAsked().orElse(null));
    }

    private TopologyChange assignSlots() {
        String pool = text("pool");
        if (body.value("free", false, ScalarType.BOOLEAN)) {
            return new SpreadSlots(pool);
        }
        SlotSet slots = body.required("slots", SLOTS).flatMap(SLOT_SET::read).orElse(SlotSet.EMPTY);
        return new AssignSlots(pool, text("shard"), slots, force());
    }

    /** Who makes a plan first says an id, so that plan and change are the same. */
    private TopologyChange moveSlots() {
        String id = newId("id");
        SlotSet slots = body.required("slots", SLOTS).flatMap(SLOT_SET::read).orElse(SlotSet.EMPTY);
        return new BeginHandoff(text("pool"), id, slots, text("from"), text("to"), Orders.wished(body));
    }

    private String newId(String key) {
        return body.optional(key, ID).orElseGet(() -> BeginHandoff.newId(Instant.now()));
    }

    /** Its mistakes have the lines of the file. */
    private TopologyChange applyDocument() {
        String file = body.optional("file", ScalarType.TEXT).orElse("document");
        String document = text("document");
        boolean force = force();
        body.throwIfMistaken();
        Topology topology = TopologyDocument.parse(file, document.getBytes(StandardCharsets.UTF_8));
        return new ApplyDocument(file, topology, force);
    }

    private TopologyChange importPools() {
        String source = text("source");
        String document = text("document");
        body.throwIfMistaken();
        return new ImportPools(source, TopologyDocument.parse(source, document.getBytes(StandardCharsets.UTF_8)));
    }

    private boolean force() {
        return body.value("force", false, ScalarType.BOOLEAN);
    }

    private String text(String key) {
        return body.required(key, "a text").flatMap(ScalarType.TEXT::read).orElse("");
    }

    private ServerAddress address(String key) {
        return body.required(key, ADDRESS).flatMap(ChangeReader::address).orElse(ServerAddress.tcp("nowhere", 1));
    }

    private List<ServerAddress> addresses(String key) {
        List<ServerAddress> addresses = new ArrayList<>();
        for (YamlScalar text : body.oneOrMore(key, "a list of " + ADDRESS)) {
            address(text).ifPresent(addresses::add);
        }
        return addresses;
    }

    private static Optional<ServerAddress> address(YamlScalar text) {
        return AddressText.read(text.text(), text, "a server", ADDRESS);
    }
}
