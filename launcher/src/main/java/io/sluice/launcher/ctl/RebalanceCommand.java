package io.sluice.launcher.ctl;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sluice ctl rebalance}. */
@Command(
        name = "rebalance",
        header = "Move slots so that all shards have what is due to them, while clients go on.",
        description = {
            "",
            "Shows which slots would move, with keys, bytes and time, and asks. As few slots",
            "as possible move, in ranges as long as possible. Some moves run at a time, the",
            "others wait for their turn: see 'ctl migrations'. What is on its way already",
            "counts as arrived. Keys, bytes and time are estimates.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice ctl rebalance --dry-run              what would move?",
            "  sluice ctl rebalance --watch                after 'shard add'",
            "  sluice ctl rebalance --weights s1=2,s2=1    s1 gets twice as much as s2",
            "  sluice ctl rebalance --by memory",
            "  sluice ctl rebalance --abort                what has not arrived stays"
        })
final class RebalanceCommand extends ChangeAction {

    @Parameters(arity = "0..1", paramLabel = "POOL", description = "Which pool; needed if there are several.")
    private @Nullable String pool;

    @Option(
            names = "--weights",
            paramLabel = "SHARD=N,...",
            description = "What is due to shards, from 0 to 1000; 1 for those that are not named.")
    private @Nullable String weights;

    @Option(
            names = "--by",
            paramLabel = "WHAT",
            defaultValue = "slots",
            description = "What is shared out: slots (default), memory or keys. For the last two a sample of each"
                    + " server's keys is looked at.")
    private String by = "";

    @Option(names = "--watch", description = "Show how the moves get on, until all have arrived.")
    private boolean watch;

    @Option(names = "--abort", description = "Give up the moves that have not arrived; those that have stay.")
    private boolean abort;

    @Override
    int run(Ctl ctl) {
        String named = ctl.pool(pool);
        if (abort) {
            return change(ctl, "rebalance")
                    .with("pool", named)
                    .with("abort", true)
                    .run();
        }
        return new MovePlan(ctl, options(), named).by(by, weights, null).run("rebalance", watch);
    }
}
