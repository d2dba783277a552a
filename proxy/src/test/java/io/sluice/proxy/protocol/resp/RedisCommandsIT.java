package io.sluice.proxy.protocol.resp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.command.Access;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.Handling;
import io.sluice.proxy.command.KeyUse;
import io.sluice.proxy.command.TextArguments;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares the table with what a real server says of its commands. */
class RedisCommandsIT {
    /** Rows for servers newer than 7.0, which an older one cannot confirm. */
    private static final Set<String> NEWER = Set.of(
            "client|setinfo",
            "client|no-touch",
            "waitaof",
            "httl",
            "hpttl",
            "hexpiretime",
            "hpexpiretime",
            "hexpire",
            "hpexpire",
            "hexpireat",
            "hpexpireat",
            "hpersist",
            "hgetdel",
            "hgetex",
            "hsetex");

    @RegisterExtension
    static final RedisServer redis = RedisServer.onFreePort();

    private static final Map<String, Facts> SERVER = new TreeMap<>();
    private static final Map<String, List<Set<String>>> KEY_FLAGS = new TreeMap<>();

    @BeforeAll
    static void askTheServer() throws IOException {
        try (RespClient client = redis.connect()) {
            for (Object command : list(client.call("COMMAND"))) {
                collect(list(command));
            }
        }
    }

    private static void collect(List<?> command) {
        Facts facts = Facts.read(command);
        SERVER.put(facts.name(), facts);
        KEY_FLAGS.put(facts.name(), keyFlags(command));
        if (command.size() > 9) { // before Redis 7.0 there were no subcommands in the reply
            for (Object subcommand : list(command.get(9))) {
                collect(list(subcommand));
            }
        }
    }

    /** The flags of each key specification; a map is a flat list in RESP2. */
    private static List<Set<String>> keyFlags(List<?> command) {
        List<Set<String>> all = new ArrayList<>();
        for (Object specification : command.size() > 8 ? list(command.get(8)) : List.of()) {
            List<?> fields = list(specification);
            Set<String> flags = new TreeSet<>();
            list(fields.get(fields.indexOf("flags") + 1))
                    .forEach(flag -> flags.add(String.valueOf(flag).toLowerCase(Locale.ROOT)));
            all.add(flags);
        }
        return all;
    }

    @Test
    void everyCommandOfTheServerHasARow() {
        Set<String> rows = new TreeSet<>(rowsByName().keySet());

        assertThat(SERVER).hasSizeGreaterThan(360);
        assertThat(SERVER.keySet()).isSubsetOf(rows);
    }

    @Test
    void everyRowIsACommandOfTheServerOrANewerOne() {
        Set<String> unknown = new TreeSet<>(rowsByName().keySet());
        unknown.removeAll(SERVER.keySet());

        assertThat(NEWER).containsAll(unknown);
    }

    @Test
    void allFactsOfARowAreThoseOfTheServer() {
        Map<String, Command> rows = rowsByName();
        var ours = new ArrayList<Facts>();
        var theirs = new ArrayList<Facts>();

        SERVER.forEach((name, facts) -> {
            Command row = rows.get(name);
            if (row != null && !Facts.of(row).equals(facts)) {
                ours.add(Facts.of(row));
                theirs.add(facts);
            }
        });

        assertThat(ours).isEqualTo(theirs);
    }

    @Test
    void accessFollowsTheFlagsOfTheServer() {
        for (Command command : RedisCommands.TABLE.commands()) {
            Facts facts = SERVER.get(command.name());
            if (facts == null) {
                assertThat(NEWER).contains(command.name());
            } else if (facts.flags().contains("write")) {
                assertThat(command.access()).as(command.name()).isEqualTo(Access.WRITE);
            } else if (facts.flags().contains("readonly")) {
                assertThat(command.access()).as(command.name()).isEqualTo(Access.READ);
            } else {
                assertThat(command.access()).as(command.name()).isNotEqualTo(Access.READ);
            }
        }
    }

    /** Keys are numbered by their specifications: the first one is of the first key, the others of the others. */
    @Test
    void keysAreUsedAsTheServerSays() {
        Map<String, Command> rows = rowsByName();
        int compared = 0;

        for (Map.Entry<String, List<Set<String>>> entry : KEY_FLAGS.entrySet()) {
            List<Set<String>> flags = entry.getValue();
            Command row = Objects.requireNonNull(rows.get(entry.getKey()));
            for (int i = 0; i < flags.size() && !flags.get(i).contains("variable_flags"); i++) {
                boolean isFirst = i == 0 || row.keys().isSingle();
                int ours = isFirst
                        ? row.keyUse().ofFirst(TextArguments.of("x"))
                        : row.keyUse().ofOthers();
                boolean isPattern = row.name().equals("sort") && i == 1; // BY and GET: keys of no name
                if (!isPattern && row.handling() != Handling.REFUSED) {
                    assertThat(ours).as(row.name()).isEqualTo(bits(flags.get(i)));
                    compared++;
                }
            }
        }

        assertThat(compared).isGreaterThan(190);
    }

    private static int bits(Set<String> flags) {
        boolean writes = flags.contains("insert") || flags.contains("delete") || flags.contains("update");
        return (flags.contains("access") ? KeyUse.READ : 0) | (writes ? KeyUse.WRITE : 0);
    }

    @Test
    void everyRowWithMovableKeysIsComparedBelow() {
        Set<String> compared = new HashSet<>();
        movableKeys()
                .forEach(request -> compared.add(command(request.split(" ", -1)).name()));

        for (Command command : RedisCommands.TABLE.commands()) {
            if (command.flags().contains("movablekeys") && command.handling() != Handling.REFUSED) {
                assertThat(compared).contains(command.name());
            }
        }
    }

    static Stream<String> movableKeys() {
        return Stream.of(
                "EVAL script 2 a b arg arg",
                "EVAL_RO script 1 a",
                "EVALSHA 0123 3 a b c",
                "EVALSHA_RO 0123 1 a 2",
                "FCALL f 2 a b c",
                "FCALL_RO f 1 a",
                "LMPOP 2 a b LEFT",
                "BLMPOP 0 2 a b LEFT COUNT 10",
                "ZMPOP 1 a MIN",
                "BZMPOP 0 2 a b MAX",
                "SINTERCARD 3 a b c LIMIT 1",
                "ZINTERCARD 2 a b LIMIT 1",
                "ZDIFF 2 a b WITHSCORES",
                "ZINTER 2 a b WEIGHTS 1 2 AGGREGATE SUM",
                "ZUNION 1 a",
                "ZDIFFSTORE d 2 a b",
                "ZINTERSTORE d 2 a b AGGREGATE MIN",
                "ZUNIONSTORE d 3 a b c WEIGHTS 1 2 3",
                "XREAD STREAMS a 0",
                "XREAD COUNT 2 BLOCK 10 STREAMS a b c 0 0 0",
                "xread count 2 streams a b 0 0",
                "XREADGROUP GROUP streams streams STREAMS a b > >",
                "XREADGROUP GROUP g c COUNT 1 NOACK STREAMS streams >",
                "SORT a",
                "SORT a STORE d",
                "SORT a BY w_* LIMIT 0 10 GET # GET x_* DESC ALPHA store d",
                "SORT a BY store GET store STORE d",
                "SORT a STORE c STORE d",
                "SORT_RO a BY w_* GET #",
                "GEORADIUS a 1 2 3 m",
                "GEORADIUS a 1 2 3 m COUNT 1 ANY STORE d",
                "GEORADIUS a 1 2 3 m ASC STOREDIST d",
                "GEORADIUSBYMEMBER a m 3 km",
                "GEORADIUSBYMEMBER a m 3 km WITHCOORD store d",
                "GEORADIUSBYMEMBER a m 3 km storedist d");
    }

    @ParameterizedTest
    @MethodSource("movableKeys")
    void findsTheKeysThatTheServerFinds(String request) throws IOException {
        assertSameKeys(request);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET a",
                "MGET a b c",
                "MSET a 1 b 2",
                "MSETNX a 1 b 2",
                "DEL a b",
                "RENAME a b",
                "COPY a b REPLACE",
                "LMOVE a b LEFT RIGHT",
                "BLPOP a b 0",
                "BLMOVE a b LEFT RIGHT 0",
                "SINTERSTORE d a b",
                "BITOP AND d a b",
                "PFMERGE d a b",
                "ZRANGESTORE d a 0 -1",
                "GEOSEARCHSTORE d a FROMMEMBER m BYRADIUS 1 m",
                "OBJECT ENCODING a",
                "MEMORY USAGE a SAMPLES 1",
                "XGROUP CREATE a g $",
                "XINFO STREAM a FULL",
                "LCS a b LEN"
            })
    void findsPlainKeysWhereTheServerFindsThem(String request) throws IOException {
        assertSameKeys(request);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "EVAL script x a",
                "EVAL script 2 a",
                "EVAL script -1 a",
                "ZUNION 3 a b",
                "ZUNIONSTORE d x a",
                "LMPOP 9 a LEFT",
                "XREAD COUNT 1 STREAM a 0",
                "XREAD COUNT 1 BLOCK 1 2 3"
            })
    void whatIsMalformedIsRefusedByTheServerToo(String request) throws IOException {
        String[] words = request.split(" ", -1);

        int count = command(words).keys().locate(TextArguments.of(words), new int[words.length]);

        try (RespClient client = redis.connect()) {
            assertThat(client.call(words)).isInstanceOf(RespError.class);
        }
        assertThat(count).isNegative();
    }

    private static void assertSameKeys(String request) throws IOException {
        String[] words = request.split(" ", -1);
        int[] into = new int[words.length];

        int count = command(words).keys().locate(TextArguments.of(words), into);

        List<String> found =
                Arrays.stream(into, 0, count).mapToObj(index -> words[index]).toList();
        assertThat(found).isEqualTo(askedKeys(words));
    }

    private static @Nullable Object askedKeys(String... words) throws IOException {
        String[] request =
                Stream.concat(Stream.of("COMMAND", "GETKEYS"), Stream.of(words)).toArray(String[]::new);
        try (RespClient client = redis.connect()) {
            return client.call(request);
        }
    }

    private static Command command(String... words) {
        return Objects.requireNonNull(RedisCommands.TABLE.find(TextArguments.of(words)));
    }

    private static Map<String, Command> rowsByName() {
        Map<String, Command> rows = new TreeMap<>();
        RedisCommands.TABLE.commands().forEach(command -> rows.put(command.name(), command));
        return rows;
    }

    private static List<?> list(@Nullable Object reply) {
        assertThat(reply).isInstanceOf(List.class);
        return (List<?>) Objects.requireNonNull(reply);
    }

    /** What a server tells of a command, and we of ours. */
    private record Facts(
            String name, long arity, Set<String> flags, long first, long last, long step, Set<String> categories) {

        static Facts read(List<?> reply) {
            return new Facts(
                    String.valueOf(reply.get(0)),
                    number(reply.get(1)),
                    words(reply.get(2)),
                    number(reply.get(3)),
                    number(reply.get(4)),
                    number(reply.get(5)),
                    words(reply.get(6)));
        }

        static Facts of(Command command) {
            return new Facts(
                    command.name(),
                    command.arity(),
                    new TreeSet<>(command.flags()),
                    command.keys().first(),
                    command.keys().last(),
                    command.keys().step(),
                    new TreeSet<>(command.categories()));
        }

        private static long number(@Nullable Object element) {
            return (Long) Objects.requireNonNull(element);
        }

        private static Set<String> words(@Nullable Object element) {
            Set<String> words = new TreeSet<>();
            list(element).forEach(word -> words.add(String.valueOf(word)));
            return words;
        }
    }
}
