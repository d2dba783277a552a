package io.sluice.launcher.ctl;

import io.sluice.launcher.text.KeyText;
import io.sluice.launcher.text.TextTable;
import io.sluice.manager.api.Answers.ExplainAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice ctl explain}. */
@Command(
        name = "explain",
        header = "Say which shard and server own a key, and why.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice ctl explain user:1001 '{user:1001}:cart'",
            "  sluice ctl explain 'caf\\xc3\\xa9' --pool sessions"
        })
final class KeysCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "1..*",
            paramLabel = "KEY",
            description = "The keys. \\xNN stands for any byte; \\\\, \\n, \\r and \\t are known too.")
    private List<String> keys;

    @Option(names = "--pool", paramLabel = "POOL", description = "Which pool; needed if there are several.")
    private @Nullable String pool;

    @Override
    public Integer call() {
        return Ctl.run(spec, this::explain);
    }

    private int explain(Ctl ctl) {
        List<byte[]> parsed = keys.stream().map(KeysCommand::parse).toList();
        String prefix = "/v1/explain?pool=" + Ctl.encoded(ctl.pool(pool)) + "&key=";
        TextTable table = new TextTable().row("KEY", "HASHED PART", "POSITION", "SERVER", "ADDRESS");
        List<String> notes = new ArrayList<>();
        for (byte[] key : parsed) {
            String answer = ctl.manager().get(prefix + Ctl.encoded(key));
            if (ctl.json()) {
                ctl.out().print(answer);
            } else {
                add(KeyText.show(key), Ctl.read(answer, ExplainAnswer.class), table, notes);
            }
        }
        if (!ctl.json()) {
            table.lines().forEach(ctl.out()::println);
            notes.forEach(ctl.out()::println);
        }
        return CtlExit.OK;
    }

    private static byte[] parse(String key) {
        try {
            return KeyText.parse(key);
        } catch (IllegalArgumentException e) {
            throw CtlException.badInput("KEY: " + e.getMessage(), "\\xNN stands for any byte");
        }
    }

    private static void add(String key, ExplainAnswer answer, TextTable table, List<String> notes) {
        table.row(
                key,
                answer.hashedPart(),
                AnswerText.position(answer),
                answer.server() == null ? "nobody" : answer.server(),
                answer.address() == null ? "-" : answer.address());
        if (answer.handoff() != null) {
            notes.add(key + " is on its way from " + answer.handoff().from() + " to "
                    + answer.handoff().to() + " (handoff " + answer.handoff().id() + ", "
                    + answer.handoff().state() + ")");
        }
    }
}
