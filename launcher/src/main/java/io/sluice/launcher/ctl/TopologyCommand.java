package io.sluice.launcher.ctl;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

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
final class TopologyCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        return CtlCommand.usage(spec);
    }

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
    static final class Show implements Callable<Integer> {

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() {
            return Ctl.run(spec, ctl -> {
                ctl.out().print(ctl.manager().get("/v1/topology"));
                return CtlExit.OK;
            });
        }
    }

    /** {@code sluice ctl topology diff}. */
    @Command(
            name = "diff",
            header = "Show what would change if the cluster became like a file.",
            footerHeading = "%nExamples:%n",
            footer = "  sluice ctl topology diff cluster.json")
    static final class Diff implements Callable<Integer> {

        @Spec
        private CommandSpec spec;

        @Parameters(paramLabel = "FILE", description = "JSON or YAML.")
        private Path file;

        @Override
        public Integer call() {
            return Ctl.run(
                    spec,
                    ctl -> ChangeRun.planOnly(ctl, "topology apply")
                            .with("file", file.toString())
                            .with("document", text(file))
                            .with("force", true)
                            .run());
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
    static final class Apply implements Callable<Integer> {

        @Spec
        private CommandSpec spec;

        @Mixin
        private ChangeOptions options;

        @Parameters(paramLabel = "FILE", description = "JSON or YAML.")
        private Path file;

        @Option(names = "--force", description = "Also if keys are not found then.")
        private boolean force;

        @Override
        public Integer call() {
            return Ctl.run(
                    spec,
                    ctl -> new ChangeRun(ctl, options, "topology apply")
                            .with("file", file.toString())
                            .with("document", text(file))
                            .with("force", force)
                            .run());
        }
    }
}
