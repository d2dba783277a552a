package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class CtlHelpTest {

    static List<String> commands() {
        List<String> lines = new ArrayList<>();
        collect(new CommandLine(new CtlCommand(CtlRun.NOBODY)), "", lines);
        return lines;
    }

    private static void collect(CommandLine command, String line, List<String> lines) {
        lines.add(line);
        command.getSubcommands().forEach((name, sub) -> collect(sub, (line + " " + name).strip(), lines));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandTeachesByExamplesWithinEightyColumns(String line) {
        CtlRun run = CtlRun.of(CtlRun.NOBODY, (line + " --help").strip().split(" "));

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains(("Usage: ctl " + line).strip(), "Examples:\n  ", "--manager=URL", "--json")
                .contains("sluice ctl");
        assertThat(run.out().lines()).allSatisfy(text -> assertThat(text).hasSizeLessThanOrEqualTo(80));
    }

    @Test
    void thereAreAllTheCommands() {
        assertThat(commands())
                .contains(
                        "pools",
                        "pool create",
                        "pool remove",
                        "topology show",
                        "topology apply",
                        "topology diff",
                        "shard add",
                        "shard remove",
                        "server add",
                        "server drain",
                        "server remove",
                        "server promote",
                        "slots show",
                        "slots assign",
                        "slots move",
                        "migrations",
                        "migrations pause",
                        "migrations resume",
                        "migrations limits",
                        "migrations abort",
                        "migrations rollback",
                        "proxies",
                        "proxies remove",
                        "failover",
                        "explain",
                        "plan shard add",
                        "history",
                        "completion");
    }

    @ParameterizedTest
    @MethodSource("groups")
    void aCommandWithoutItsSubcommandShowsItsHelp(String line) {
        CtlRun run = CtlRun.of(CtlRun.NOBODY, line.isEmpty() ? new String[0] : line.split(" "));

        assertThat(run.exitCode()).isEqualTo(CtlExit.BAD_INPUT);
        assertThat(run.err()).contains("Usage: ctl");
    }

    static List<String> groups() {
        return List.of("", "pool", "shard", "server", "slots", "topology", "plan");
    }

    @Test
    void shellsCompleteTheCommands() {
        CtlRun bash = CtlRun.of(CtlRun.NOBODY, "completion", "bash");

        assertThat(bash.exitCode()).isZero();
        assertThat(bash.out()).contains("function _complete_ctl", "promote", "--expect-epoch");
        assertThat(CtlRun.of(CtlRun.NOBODY, "completion", "zsh").out()).contains("bashcompinit");
        assertThat(CtlRun.of(CtlRun.NOBODY, "completion", "fish").exitCode()).isEqualTo(CtlExit.BAD_INPUT);
    }
}
