package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Optional;
import picocli.CommandLine;

/** One run of {@code ctl} inside the test, and what it left: exit code, stdout, stderr. */
record CtlRun(int exitCode, String out, String err) {

    /** Nobody sits there. */
    static final Terminal NOBODY = (out, question) -> Optional.empty();

    static CtlRun of(Terminal terminal, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = new CommandLine(new CtlCommand(terminal))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
                .setUsageHelpWidth(80);
        int exitCode = command.execute(arguments);
        return new CtlRun(exitCode, out.toString(), err.toString());
    }

    /** It said exactly this, and nothing was wrong. */
    static void assertLines(CtlRun run, String... lines) {
        assertThat(run.err()).isEmpty();
        assertThat(run.out().lines()).containsExactly(lines);
    }

    /** Somebody who types this line, and to whom the question is shown. */
    static Terminal typing(String line) {
        return (out, question) -> {
            out.println(question);
            return Optional.of(line);
        };
    }
}
