package io.sluice.launcher.ctl;

import io.sluice.launcher.text.TextTable;
import io.sluice.manager.api.Answers.FailoverAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code sluice ctl failover}. */
@Command(
        name = "failover",
        header = "Show how the primaries of the shards are followed.",
        description = {
            "",
            "The manager that leads follows Redis Sentinel, or what servers say of",
            "themselves. 'look' is what it does not decide alone; why is below the table.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {"  sluice ctl failover", "  sluice ctl failover --json"})
final class FailoverCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        return Ctl.run(
                spec, ctl -> ctl.show(ctl.manager().get("/v1/failover"), FailoverAnswer.class, FailoverCommand::lines));
    }

    private static List<String> lines(FailoverAnswer answer) {
        if (answer.shards().isEmpty()) {
            return List.of("Nobody's primary is followed: the leader has just begun, there is no shard of Redis"
                    + " servers, or neither 'sentinel' nor 'role_poll' is on.");
        }
        TextTable table = new TextTable().row("POOL", "SHARD", "PRIMARY", "FOLLOWED BY", "STATE");
        List<String> notes = new ArrayList<>();
        answer.shards().forEach(shard -> {
            boolean isWell = shard.note() == null;
            table.row(shard.pool(), shard.shard(), shard.primary(), shard.followedBy(), isWell ? "ok" : "look");
            if (!isWell) {
                notes.add(shard.pool() + "/" + shard.shard() + ": " + shard.note());
            }
        });
        List<String> lines = new ArrayList<>(table.lines());
        lines.addAll(notes);
        return lines;
    }
}
