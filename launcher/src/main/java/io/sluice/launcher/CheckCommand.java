package io.sluice.launcher;

import io.sluice.proxy.config.ConfigPlan;
import io.sluice.proxy.config.ConfigSummary;
import io.sluice.proxy.config.ProxyConfig;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sluice check}: reads configuration files and starts nothing. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        versionProvider = VersionText.class,
        header = "Check configuration files without starting anything.",
        description = {
            "",
            "Reads Sluice's own format and twemproxy's nutcracker.yml. Shows every mistake",
            "at once, with its line, column and key. A summary goes to stdout, mistakes",
            "and warnings go to stderr. With --against, shows what a proxy that runs with",
            "another file would change.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:every file is right (warnings do not count)", "2:at least one file is wrong"},
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice check --config /etc/nutcracker.yml",
            "  sluice check --config conf/*.yaml",
            "  sluice check --config new.yaml --against /etc/sluice.yaml"
        })
final class CheckCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-c", "--config"},
            required = true,
            arity = "1..*",
            paramLabel = "FILE",
            description = "The file or files to check.")
    private List<Path> files;

    @Option(
            names = "--against",
            paramLabel = "FILE",
            description = "What a proxy runs with now; shows the way from there to each checked file.")
    private @Nullable Path against;

    @Override
    public Integer call() {
        ProxyConfig before = against == null ? null : ConfigFiles.read(against);
        int exitCode = ExitCode.OK;
        for (Path file : files) {
            separate(file);
            if (!isRight(file, before)) {
                exitCode = ExitCode.BAD_INPUT;
            }
        }
        return exitCode;
    }

    private void separate(Path file) {
        if (!file.equals(files.get(0))) {
            spec.commandLine().getOut().println();
        }
    }

    private boolean isRight(Path file, @Nullable ProxyConfig before) {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try {
            ProxyConfig config = ConfigFiles.read(file);
            config.warnings().forEach(err::println);
            out.println(ConfigSummary.of(file, config).stripTrailing());
            if (before != null) {
                out.println();
                out.println(ConfigPlan.between(before, config).text());
            }
            return true;
        } catch (CommandException e) {
            err.println(e.getMessage());
            return false;
        } finally {
            err.flush();
            out.flush();
        }
    }
}
