package io.sluice.launcher.ctl;

import io.sluice.manager.api.Answers.ProxiesAnswer;
import io.sluice.manager.api.Answers.ProxyRemovedAnswer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice ctl proxies}. */
@Command(
        name = "proxies",
        header = "Show the proxies and which epoch each of them serves.",
        subcommands = ProxiesCommand.Remove.class,
        footerHeading = "%nExamples:%n",
        footer = {"  sluice ctl proxies", "  sluice ctl proxies --json", "  sluice ctl proxies remove p3"})
final class ProxiesCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        return Ctl.run(
                spec, ctl -> ctl.show(ctl.manager().get("/v1/proxies"), ProxiesAnswer.class, ProxyText::proxies));
    }

    /** {@code sluice ctl proxies remove}. */
    @Command(
            name = "remove",
            header = "Forget a proxy that died.",
            description = {
                "",
                "You say with it that the process has ended, or can reach neither clients nor",
                "servers: nobody waits for it any more before slots change hands. One that",
                "stops in order takes itself off the list.",
                ""
            },
            footerHeading = "%nExamples:%n",
            footer = "  sluice ctl proxies remove p3")
    static final class Remove implements Callable<Integer> {

        @Spec
        private CommandSpec spec;

        @Parameters(paramLabel = "ID", description = "As 'sluice ctl proxies' shows it.")
        private String id;

        @Option(
                names = {"-y", "--yes"},
                description = "It is dead, do not ask.")
        private boolean yes;

        @Override
        public Integer call() {
            return Ctl.run(spec, ctl -> {
                if (!yes) {
                    ask(ctl);
                }
                String answer =
                        ctl.manager().delete("/v1/proxies/" + Ctl.encoded(id) + "?by=" + Ctl.encoded(Ctl.user()));
                return ctl.show(
                        answer,
                        ProxyRemovedAnswer.class,
                        removed -> List.of("Removed " + removed.id() + ". Assumed: " + removed.assumes() + "."));
            });
        }

        private void ask(Ctl ctl) {
            Optional<String> answer = ctl.terminal()
                    .ask(
                            ctl.out(),
                            "Has " + id + " ended for good? If it still runs, keys it writes may be lost. [y/N] ");
            if (answer.isEmpty()) {
                throw CtlException.badInput("nobody to ask, so nothing was changed", "say --yes if " + id + " is dead");
            }
            if (!answer.get().strip().toLowerCase(Locale.ROOT).startsWith("y")) {
                throw CtlException.of(CtlExit.REFUSED, "declined", "nothing was changed", "");
            }
        }
    }
}
