package io.sluice.launcher.ctl;

import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyDocument;
import picocli.CommandLine.Command;

/** {@code sluice ctl import}. */
@Command(
        name = "import",
        header = "Take over pools from codis or twemproxy.",
        subcommands = {ImportCodisCommand.class, ImportTwemproxyCommand.class},
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice ctl import codis --zookeeper 10.0.0.1:2181 --product demo --dry-run",
            "  sluice ctl import twemproxy nutcracker.yml --dry-run"
        })
final class ImportCommand extends CommandGroup {

    /** Has them planned, and applied if the user wants it; the exit code. */
    static int run(Ctl ctl, ChangeOptions options, String source, Topology pools) {
        ctl.out().flush();
        return new ChangeRun(ctl, options, "pool import")
                .with("source", source)
                .with("document", TopologyDocument.text(pools))
                .run();
    }
}
