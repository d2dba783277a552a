package io.sluice.launcher.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextTableTest {

    @Test
    void columnsAreAsWideAsTheirWidestCell() {
        TextTable table = new TextTable().row("key", "server").row("user:1001", "b");

        List<String> lines = table.lines();

        assertThat(lines).containsExactly("key         server", "user:1001   b");
    }

    @Test
    void noLineEndsInBlanks() {
        TextTable table = new TextTable().row("a", "long cell").row("b", "").row("c");

        List<String> lines = table.lines();

        assertThat(lines).containsExactly("a   long cell", "b", "c");
    }
}
