package io.sluice.proxy.protocol.resp;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.sluice.proxy.command.Access;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.CommandTable;
import io.sluice.proxy.command.Handling;
import io.sluice.proxy.command.MergeRule;
import io.sluice.proxy.command.TextArguments;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RedisCommandsTest {
    private static final CommandTable TABLE = RedisCommands.TABLE;

    @Test
    void findsEachRowInEachCase() {
        for (Command command : TABLE.commands()) {
            String upper = command.name().toUpperCase(Locale.ROOT);
            String mixed = upper.charAt(0) + command.name().substring(1);

            assertThat(find(command.name())).isSameAs(command);
            assertThat(find(upper)).isSameAs(command);
            assertThat(find(mixed)).isSameAs(command);
        }
    }

    @Test
    void doesNotFindWhatIsNotThere() {
        for (Command command : TABLE.topLevel()) {
            assertThat(TABLE.find(TextArguments.of(command.name() + "\0"))).isNull();
            assertThat(TABLE.find(TextArguments.of(command.name() + "_"))).isNull();
        }
        assertThat(TABLE.find(TextArguments.of("SLOTSMGRTONE"))).isNull();
        assertThat(TABLE.find(TextArguments.of("HOST:"))).isNull();
        assertThat(TABLE.find(TextArguments.of("POST"))).isNull();
    }

    @Test
    void splitsOnlyWhatMayBeSplit() {
        var split = new TreeMap<String, MergeRule>();
        for (Command command : TABLE.commands()) {
            if (command.merge() != MergeRule.NONE) {
                split.put(command.name(), command.merge());
            }
        }

        assertThat(split)
                .containsExactly(
                        Map.entry("del", MergeRule.SUM),
                        Map.entry("exists", MergeRule.SUM),
                        Map.entry("mget", MergeRule.IN_KEY_ORDER),
                        Map.entry("mset", MergeRule.ALL_OK),
                        Map.entry("touch", MergeRule.SUM),
                        Map.entry("unlink", MergeRule.SUM));
    }

    @Test
    void answersThoseLocallyThatClientsNeed() {
        List<String> local = namesOf(Handling.LOCAL);

        assertThat(local)
                .containsExactlyInAnyOrder(
                        "ping",
                        "echo",
                        "quit",
                        "auth",
                        "select",
                        "hello",
                        "time",
                        "acl|cat",
                        "acl|dryrun",
                        "acl|getuser",
                        "acl|list",
                        "acl|users",
                        "acl|whoami",
                        "client|getname",
                        "client|id",
                        "client|setinfo",
                        "client|setname",
                        "command",
                        "command|count",
                        "command|docs",
                        "command|getkeys",
                        "command|info",
                        "command|list",
                        "script|exists");
    }

    @Test
    void whatOutlastsARequestOrNeedsMoreThanOneIsTheSessions() {
        List<String> session = namesOf(Handling.SESSION);

        assertThat(session)
                .containsExactlyInAnyOrder(
                        ("blmove blmpop blpop brpop brpoplpush bzmpop bzpopmax bzpopmin xread xreadgroup"
                                        + " multi exec discard watch unwatch eval eval_ro evalsha evalsha_ro"
                                        + " script|load script|flush publish spublish subscribe unsubscribe psubscribe"
                                        + " punsubscribe ssubscribe sunsubscribe")
                                .split(" ", -1));
    }

    @Test
    void noCommandIsForwardedThatBlocksWhateverItsArguments() {
        for (Command command : TABLE.commands()) {
            if (command.flags().contains("blocking")) {
                assertThat(command.handling()).as(command.name()).isNotEqualTo(Handling.FORWARD);
            }
        }
    }

    @Test
    void whatIsNotServedSaysWhy() {
        for (Command command : TABLE.commands()) {
            boolean refused = command.handling() == Handling.REFUSED;

            assertThat(command.refusal() != null).as(command.name()).isEqualTo(refused);
        }
    }

    @Test
    void whatMayWriteIsAWriteWhateverRedisFlags() {
        for (String name : List.of("eval", "evalsha", "fcall", "publish", "spublish", "flushall", "pfdebug")) {
            assertThat(find(name).access()).as(name).isEqualTo(Access.WRITE);
        }
        for (Command command : TABLE.commands()) {
            if (command.access() == Access.ADMIN) {
                assertThat(command.handling()).as(command.name()).isNotEqualTo(Handling.FORWARD);
            }
        }
    }

    @Test
    void commandsOverSeveralKeysSeeAllOfThem() {
        assertKeys("RENAME a b", "a", "b");
        assertKeys("COPY a b REPLACE", "a", "b");
        assertKeys("SINTER a b c", "a", "b", "c");
        assertKeys("SMOVE a b member", "a", "b");
        assertKeys("LMOVE a b LEFT RIGHT", "a", "b");
        assertKeys("PFCOUNT a b", "a", "b");
        assertKeys("BITOP AND d a b", "d", "a", "b");
        assertKeys("MSETNX a 1 b 2", "a", "b");
        assertKeys("ZRANGESTORE d a 0 -1", "d", "a");
        assertKeys("GEOSEARCHSTORE d a FROMMEMBER m BYRADIUS 1 m", "d", "a");
        assertKeys("GEORADIUS a 1 2 3 km COUNT 1 STOREDIST d", "a", "d");
        assertKeys("SORT a BY w_* GET x_* STORE d", "a", "d");
        assertKeys("XREAD COUNT 1 STREAMS a b 0 0", "a", "b");
        assertKeys("EVAL script 2 a b c", "a", "b");
        assertKeys("OBJECT ENCODING a", "a");
        assertKeys("XGROUP CREATE a g $", "a");
    }

    @Test
    void lookingUpAndLocatingAllocatesNothing() {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        List<TextArguments> requests = Stream.of(
                        "GET a",
                        "ZREVRANGEBYSCORE a 1 0",
                        "GEORADIUSBYMEMBER_RO a m 1 km",
                        "OBJECT FREQ a",
                        "NOSUCH a",
                        "XREAD COUNT 1 STREAMS a b 0 0",
                        "ZUNIONSTORE d 2 a b",
                        "SORT a LIMIT 0 1 STORE d")
                .map(request -> TextArguments.of(request.split(" ", -1)))
                .toList();
        int[] into = new int[16];
        int rounds = 1_000;

        long before = threads.getCurrentThreadAllocatedBytes();
        int found = 0;
        for (int i = 0; i < rounds; i++) {
            for (int j = 0; j < requests.size(); j++) {
                Command command = TABLE.find(requests.get(j));
                found += command == null || command.blocks(requests.get(j))
                        ? 0
                        : command.keys().locate(requests.get(j), into);
            }
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(found).isEqualTo(rounds * 11);
        assertThat(allocated)
                .isLessThan(rounds * 8L); // what the measuring itself takes; an object has 16 bytes at least
    }

    private static void assertKeys(String request, String... keys) {
        String[] words = request.split(" ", -1);
        int[] into = new int[words.length];

        int count = find(words[0], words).keys().locate(TextArguments.of(words), into);

        assertThat(Arrays.stream(into, 0, count).mapToObj(index -> words[index]))
                .as(request)
                .containsExactly(keys);
    }

    private static List<String> namesOf(Handling handling) {
        return TABLE.commands().stream()
                .filter(command -> command.handling() == handling)
                .map(Command::name)
                .toList();
    }

    private static Command find(String name) {
        return find(name, name.split("\\|", -1));
    }

    private static Command find(String name, String... request) {
        return Objects.requireNonNull(TABLE.find(TextArguments.of(request)), name);
    }
}
