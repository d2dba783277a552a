package io.sluice.proxy.command;

import static io.sluice.proxy.command.CommandRow.admin;
import static io.sluice.proxy.command.CommandRow.container;
import static io.sluice.proxy.command.CommandRow.read;
import static io.sluice.proxy.command.CommandRow.write;
import static io.sluice.proxy.command.KeyLocator.counted;
import static io.sluice.proxy.command.KeyLocator.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CommandTableTest {
    private static final CommandTable TABLE = CommandTable.of(List.of(
            read("get", 2, key(1), "fast"),
            write("lpush", -3, key(1), ""),
            write("restore-asking", -4, key(1), ""),
            read("bitfield_ro", -2, key(1), ""),
            read("zrevrangebyscore", -4, key(1), ""),
            read("georadiusbymember_ro", -5, key(1), ""),
            read("abcdefgh", 2, key(1), ""),
            container("object"),
            read("object|freq", 3, key(2), ""),
            admin("object|help", 2, "").refused("it is only for this test")));

    @Test
    void findsEachNameInEachCase() {
        for (Command command : TABLE.topLevel()) {
            String upper = command.name().toUpperCase(Locale.ROOT);
            String mixed = upper.charAt(0) + command.name().substring(1);

            assertThat(TABLE.find(TextArguments.of(command.name()))).isSameAs(command);
            assertThat(TABLE.find(TextArguments.of(upper))).isSameAs(command);
            assertThat(TABLE.find(TextArguments.of(mixed))).isSameAs(command);
        }
    }

    @Test
    void findsNothingThatIsNotExactlyAName() {
        for (Command command : TABLE.topLevel()) {
            String name = command.name();

            assertThat(find(name.substring(0, name.length() - 1))).isNull();
            assertThat(find(name.substring(1))).isNull();
            assertThat(find(name + "x")).isNull();
            assertThat(find(name + "\0")).isNull();
            assertThat(find("\0" + name)).isNull();
            assertThat(find(name + " ".repeat(64))).isNull();
        }
        assertThat(find("")).isNull();
        assertThat(find("\0")).isNull();
        assertThat(find("\0\0\0")).isNull();
        assertThat(find("x".repeat(100_000))).isNull();
    }

    @Test
    void aSingleOtherByteIsAnotherNameUnlessItIsTheOtherCase() {
        for (Command command : TABLE.topLevel()) {
            for (int i = 0; i < command.name().length(); i++) {
                for (int other = 0; other < 256; other++) {
                    String name = replaced(command.name(), i, (char) other);

                    Command found = find(name);

                    if (lowerCaseAscii((char) other) == command.name().charAt(i)) {
                        assertThat(found).as(name).isSameAs(command);
                    } else {
                        assertThat(found).as(name).isNull();
                    }
                }
            }
        }
    }

    @Test
    void foldsCapitalLettersAndNoOtherByte() {
        for (int value = 0; value < 256; value++) {
            for (int place = 0; place < 8; place++) {
                long word = (0xFF5B40415A7A6180L & ~(0xFFL << (place * 8))) | ((long) value << (place * 8));

                long folded = AsciiCase.fold(word);

                for (int i = 0; i < 8; i++) {
                    char before = (char) (word >>> (i * 8) & 0xFF);
                    char after = (char) (folded >>> (i * 8) & 0xFF);
                    assertThat(after).isEqualTo(lowerCaseAscii(before));
                }
            }
        }
    }

    @Test
    void resolvesContainersToTheirSubcommands() {
        assertThat(TABLE.find(TextArguments.of("OBJECT", "Freq", "k"))).hasToString("object|freq");
        assertThat(TABLE.find(TextArguments.of("object", "HELP"))).hasToString("object|help");
        assertThat(TABLE.find(TextArguments.of("object", "nosuch", "k"))).hasToString("object");
        assertThat(TABLE.find(TextArguments.of("object", "", "k"))).hasToString("object");
        assertThat(TABLE.find(TextArguments.of("object"))).hasToString("object");
        assertThat(find("object|freq")).isNull();
        assertThat(find("freq")).isNull();
        assertThat(TABLE.find(TextArguments.of("get", "freq"))).hasToString("get");
    }

    @Test
    void anUnknownSubcommandIsRefused() {
        Command found = known("object", "nosuch", "k");

        assertThat(found.handling()).isEqualTo(Handling.REFUSED);
        assertThat(found.refusal()).isNotBlank();
    }

    @Test
    void numbersRowsDenselyInOrder() {
        for (int id = 0; id < TABLE.commands().size(); id++) {
            assertThat(TABLE.commands().get(id).id()).isEqualTo(id);
        }
    }

    @Test
    void refusesRowsThatCannotWork() {
        assertThatThrownBy(() -> CommandTable.of(List.of(read("get", 2, key(1), ""), write("get", 2, key(1), ""))))
                .hasMessageContaining("get");
        assertThatThrownBy(() -> CommandTable.of(List.of(read("dbsize", 1, KeyLocator.none(), ""))))
                .hasMessageContaining("dbsize: it has no key");
        assertThatThrownBy(() -> CommandTable.of(List.of(read("a|b", 3, key(2), ""))))
                .hasMessageContaining("[a]");
        assertThatThrownBy(() -> CommandTable.of(
                        List.of(read("zunion", -3, counted(1), "").merged(MergeRule.SUM))))
                .hasMessageContaining("zunion");
    }

    @Test
    void arityIsExactOrAtLeast() {
        Command get = known("get");
        Command lpush = known("lpush");

        assertThat(allowedUpTo(6, get)).containsExactly(2);
        assertThat(allowedUpTo(6, lpush)).containsExactly(3, 4, 5, 6);
    }

    @Test
    void derivesCategoriesAsRedisDoes() {
        Command get = known("get");
        Command help = known("object", "help");

        assertThat(get.flags()).containsExactlyInAnyOrder("readonly", "fast");
        assertThat(get.categories()).containsExactlyInAnyOrder("@read", "@fast");
        assertThat(help.categories()).containsExactlyInAnyOrder("@admin", "@dangerous", "@slow");
    }

    private static Set<Integer> allowedUpTo(int most, Command command) {
        Set<Integer> allowed = new TreeSet<>();
        for (int count = 1; count <= most; count++) {
            if (command.arityAllows(count)) {
                allowed.add(count);
            }
        }
        return allowed;
    }

    private static @Nullable Command find(String name) {
        return TABLE.find(TextArguments.of(name));
    }

    private static Command known(String... request) {
        return Objects.requireNonNull(TABLE.find(TextArguments.of(request)));
    }

    private static String replaced(String name, int index, char other) {
        return name.substring(0, index) + other + name.substring(index + 1);
    }

    private static char lowerCaseAscii(char letter) {
        return letter >= 'A' && letter <= 'Z' ? (char) (letter + 32) : letter;
    }
}
