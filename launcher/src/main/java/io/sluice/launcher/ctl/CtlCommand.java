package io.sluice.launcher.ctl;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code sluice ctl}: only its subcommands do anything. */
@Command(
        name = "ctl",
        header = "Look at a cluster and change it.",
        description = {
            "",
            "Asks a manager ('sluice manager'). Every change shows its plan first, and asks.",
            "What is applied is in the history, and proxies take it up without a restart.",
            ""
        },
        subcommands = {
            PoolsCommand.class,
            PoolCommand.class,
            ImportCommand.class,
            TopologyCommand.class,
            ShardCommand.class,
            ServerCommand.class,
            SlotsCommand.class,
            RebalanceCommand.class,
            MigrationsCommand.class,
            ProxiesCommand.class,
            FailoverCommand.class,
            KeysCommand.class,
            PlanCommand.class,
            HistoryCommand.class,
            CompletionCommand.class
        },
        synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:failed; or it may have been done; or not every proxy serves it",
            "2:the command line, a file, a name or the token is wrong",
            "3:refused: not in this state, or changed by somebody else meanwhile",
            "4:no manager answers"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice ctl pool create sessions                a pool of 16384 slots",
            "  sluice ctl shard add s1 10.0.0.1:6379 --replica 10.0.0.2:6379",
            "  sluice ctl slots assign --free                 share the slots out",
            "  sluice ctl slots move --from s1 --to s2 --slots 0-511 --watch",
            "  sluice ctl rebalance                           slots for a new shard",
            "  sluice ctl shard drain s3                      empty it, then remove it",
            "  sluice ctl proxies                             who serves which epoch?",
            "  sluice ctl explain user:1001                   which server has this key?",
            "  sluice ctl plan topology apply new.json        what would change?",
            "  sluice ctl server promote s1 10.0.0.2:6379     fail over by hand",
            "  sluice ctl failover                            who are the primaries?",
            "  sluice ctl history                             who changed what?"
        })
public final class CtlCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ManagerOptions managerOptions;

    @Option(names = "--json", scope = ScopeType.INHERIT, description = "Answer in JSON, for programs.")
    private boolean json;

    @SuppressWarnings("UnusedVariable") // picocli looks at it
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help message and exit.")
    private boolean help;

    public CtlCommand() {
        this(Terminal.ofProcess());
    }

    /** For tests: with somebody else to ask. */
    CtlCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    ManagerOptions managerOptions() {
        return managerOptions;
    }

    Terminal terminal() {
        return terminal;
    }

    boolean json() {
        return json;
    }

    @Override
    public Integer call() {
        return usage(spec);
    }

    /** What a command without a subcommand does. */
    static int usage(CommandSpec spec) {
        spec.commandLine().usage(spec.commandLine().getErr());
        return CtlExit.BAD_INPUT;
    }
}
