package io.sluice.launcher.ctl;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sluice ctl topology}. */
@Command(
        name = "topology",
        header = "Show the whole topology, or make it like a file.",
        subcommands = {TopologyCommand.Show.class, TopologyCommand.Diff.class, TopologyCommand.Apply.class},
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice ctl topology show > cluster.json",
            "  sluice ctl topology diff cluster.json",
            "  sluice ctl topology apply cluster.json"
        })
final class TopologyCommand extends CommandGroup {

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw CtlException.badInput(file + ": no such file", "expected a topology, as 'topology show' prints it");
        } catch (IOException e) {
            throw CtlException.badInput(
                    file + ": cannot be read as UTF-8 text", "expected a topology, as 'topology show' prints it");
        }
    }

    /** {@code sluice ctl topology show}. */
    @Command(
            name = "show",
            header = "Print the topology: JSON, which 'apply' takes.",
            footerHeading = "%nExamples:%n",
            footer = "  sluice ctl topology show > cluster.json")
    static final class Show extends CtlAction {

        @Override
        int run(Ctl ctl) {
            ctl.out().print(ctl.manager().get("/v1/topology"));
            return CtlExit.OK;
        }
    }

    /** {@code sluice ctl topology diff}. */
    @Command(
            name = "diff",
            header = "Show what would change if the cluster became like a file.",
            footerHeading = "%nExamples:%n",
            footer = "  sluice ctl topology diff cluster.json")
    static final class Diff extends CtlAction {

        @Parameters(paramLabel = "FILE", description = "JSON or YAML.")
        private Path file;

        @Override
        int run(Ctl ctl) {
            return ChangeRun.planOnly(ctl, "topology apply")
                    .with("file", file.toString())
                    .with("document", text(file))
                    .with("force", true)
                    .run();
        }
    }

    /** {@code sluice ctl topology apply}. */
    @Command(
            name = "apply",
            header = "Make the cluster like a file.",
            description = {
                "",
                "Epoch and term of the file do not matter. Whatever would leave keys where",
                "nobody looks for them needs --force.",
                ""
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  sluice ctl topology apply cluster.json",
                "  sluice ctl topology apply cluster.json --expect-epoch 17 --yes"
            })
    static final class Apply extends ChangeAction {

        @Parameters(paramLabel = "FILE", description = "JSON or YAML.")
        private Path file;

        @Option(names = "--force", description = "Also if keys are not found then.")
        private boolean force;

        @Override
        int run(Ctl ctl) {
            return change(ctl, "topology apply")
                    .with("file", file.toString())
                    .with("document", text(file))
                    .with("force", force)
                    .run();
        }
    }
}
