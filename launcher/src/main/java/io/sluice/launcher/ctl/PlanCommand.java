package io.sluice.launcher.ctl;

import picocli.CommandLine.Command;

/** {@code sluice ctl plan}: any change after it is only shown. */
@Command(
        name = "plan",
        header = "Show what a change would do; the same as --dry-run.",
        subcommands = {
            PoolCommand.class,
            TopologyCommand.class,
            ShardCommand.class,
            ServerCommand.class,
            SlotsCommand.class,
            RebalanceCommand.class
        },
        synopsisSubcommandLabel = "CHANGE",
        footerHeading = "%nExamples:%n",
        footer = {"  sluice ctl plan shard add s3 10.0.0.3:6379", "  sluice ctl plan topology apply cluster.json"})
final class PlanCommand extends CommandGroup {}
