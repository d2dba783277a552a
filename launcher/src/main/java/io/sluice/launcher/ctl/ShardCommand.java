package io.sluice.launcher.ctl;

import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice ctl shard}. */
@Command(
        name = "shard",
        header = "Add a shard (a primary and its replicas) to a pool, or remove one.",
        subcommands = {ShardCommand.Add.class, ShardCommand.Remove.class},
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice ctl shard add s1 10.0.0.1:6379 --replica 10.0.0.2:6379",
            "  sluice ctl shard add s1 10.0.0.1:6379 --slots 0-8191",
            "  sluice ctl shard remove s1"
        })
final class ShardCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        return CtlCommand.usage(spec);
    }

    /** {@code sluice ctl shard add}. */
    @Command(
            name = "add",
            header = "Add a shard.",
            description = {
                "",
                "Without --slots it owns nothing yet: 'slots assign --free' shares out the",
                "slots that nobody owns. Slots of others are never taken.",
                ""
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  sluice ctl shard add s1 10.0.0.1:6379 --replica 10.0.0.2:6379",
                "  sluice ctl shard add s1 10.0.0.1:6379 --slots 0-8191 --pool sessions"
            })
    static final class Add implements Callable<Integer> {

        @Spec
        private CommandSpec spec;

        @Mixin
        private ChangeOptions options;

        @Parameters(index = "0", paramLabel = "SHARD", description = "Its name.")
        private String shard;

        @Parameters(index = "1", paramLabel = "PRIMARY", description = "HOST:PORT of the server for writes.")
        private String primary;

        @Option(names = "--replica", paramLabel = "HOST:PORT", description = "A replica; once for each.")
        private List<String> replicas = List.of();

        @Option(names = "--slots", paramLabel = "RANGES", description = "Slots that nobody owns, such as 0-8191,9000.")
        private @Nullable String slots;

        @Option(names = "--pool", paramLabel = "POOL", description = "Which pool; needed if there are several.")
        private @Nullable String pool;

        @Override
        public Integer call() {
            return Ctl.run(
                    spec,
                    ctl -> new ChangeRun(ctl, options, "shard add")
                            .with("pool", ctl.pool(pool))
                            .with("shard", shard)
                            .with("primary", primary)
                            .with("replicas", replicas)
                            .with("slots", slots)
                            .run());
        }
    }

    /** {@code sluice ctl shard remove}. */
    @Command(
            name = "remove",
            header = "Remove a shard that owns no slots.",
            footerHeading = "%nExamples:%n",
            footer = "  sluice ctl shard remove s1")
    static final class Remove implements Callable<Integer> {

        @Spec
        private CommandSpec spec;

        @Mixin
        private ChangeOptions options;

        @Parameters(paramLabel = "SHARD", description = "Its name.")
        private String shard;

        @Option(names = "--pool", paramLabel = "POOL", description = "Which pool; needed if there are several.")
        private @Nullable String pool;

        @Override
        public Integer call() {
            return Ctl.run(
                    spec,
                    ctl -> new ChangeRun(ctl, options, "shard remove")
                            .with("pool", ctl.pool(pool))
                            .with("shard", shard)
                            .run());
        }
    }
}
