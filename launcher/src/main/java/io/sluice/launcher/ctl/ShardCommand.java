package io.sluice.launcher.ctl;

import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sluice ctl shard}. */
@Command(
        name = "shard",
        header = "Add a shard (a primary and its replicas) to a pool, drain or remove one.",
        subcommands = {ShardCommand.Add.class, ShardCommand.Remove.class, ShardCommand.Drain.class},
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice ctl shard add s1 10.0.0.1:6379 --replica 10.0.0.2:6379",
            "  sluice ctl shard add s1 10.0.0.1:6379 --slots 0-8191",
            "  sluice ctl shard drain s1 --watch",
            "  sluice ctl shard remove s1"
        })
final class ShardCommand extends CommandGroup {

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
    static final class Add extends PoolChangeAction {

        @Parameters(index = "0", paramLabel = "SHARD", description = "Its name.")
        private String shard;

        @Parameters(index = "1", paramLabel = "PRIMARY", description = "HOST:PORT of the server for writes.")
        private String primary;

        @Option(names = "--replica", paramLabel = "HOST:PORT", description = "A replica; once for each.")
        private List<String> replicas = List.of();

        @Option(names = "--slots", paramLabel = "RANGES", description = "Slots that nobody owns, such as 0-8191,9000.")
        private @Nullable String slots;

        @Override
        int run(Ctl ctl) {
            return change(ctl, "shard add")
                    .with("shard", shard)
                    .with("primary", primary)
                    .with("replicas", replicas)
                    .with("slots", slots)
                    .run();
        }
    }

    /** {@code sluice ctl shard remove}. */
    @Command(
            name = "remove",
            header = "Remove a shard that owns no slots.",
            footerHeading = "%nExamples:%n",
            footer = "  sluice ctl shard remove s1")
    static final class Remove extends PoolChangeAction {

        @Parameters(paramLabel = "SHARD", description = "Its name.")
        private String shard;

        @Override
        int run(Ctl ctl) {
            return change(ctl, "shard remove").with("shard", shard).run();
        }
    }

    /** {@code sluice ctl shard drain}. */
    @Command(
            name = "drain",
            header = "Move all slots of a shard to the others, then remove it.",
            description = {
                "",
                "The others keep what they have, and those that have least get most. Clients go",
                "on meanwhile. The shard is removed by the manager when nothing is left there;",
                "its servers run on, and nobody asks them any more.",
                ""
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  sluice ctl shard drain s3 --dry-run",
                "  sluice ctl shard drain s3 --by memory --watch",
                "  sluice ctl shard drain s3 --abort         it stays, with what it still has"
            })
    static final class Drain extends PoolChangeAction {

        @Parameters(paramLabel = "SHARD", description = "Its name.")
        private String shard;

        @Option(
                names = "--by",
                paramLabel = "WHAT",
                defaultValue = "slots",
                description = "Who has least: slots (default), memory or keys.")
        private String by = "";

        @Option(
                names = "--weights",
                paramLabel = "SHARD=N,...",
                description = "What is due to the others, from 0 to 1000; 1 for those that are not named.")
        private @Nullable String weights;

        @Option(names = "--watch", description = "Show how the moves get on, until the shard is gone.")
        private boolean watch;

        @Option(names = "--abort", description = "Give up a drain: what has not left stays, and the shard as well.")
        private boolean abort;

        @Override
        int run(Ctl ctl) {
            String named = pool(ctl);
            if (abort) {
                return change(ctl, "shard drain")
                        .with("shard", shard)
                        .with("abort", true)
                        .run();
            }
            return new MovePlan(ctl, options(), named).by(by, weights, shard).run("shard drain", watch);
        }
    }
}
